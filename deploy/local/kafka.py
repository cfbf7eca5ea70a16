"""One Apache Kafka (KRaft) from its Maven jars, of one node or of several, without a container.

Ready means that the admin client gets an answer, not that a port is open.
"""

import base64
import os
import secrets
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local.jars import jars_folder
from deploy.local.ports import LOOPBACK, free_ports, wait_until
from deploy.local.processes import Process
from litopys.kafka.address import KafkaAddress

START_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 10.0
LOG4J = Path(__file__).with_name("kafka-log4j2.properties")


@dataclass(frozen=True, slots=True)
class NodePorts:
    """Where one node listens: clients, and the controllers' quorum."""

    clients: int
    controllers: int


class Kafka:
    """A cluster of nodes that are broker and controller both; its data stays in `folder`.

    `heap_mb` bounds each node's Java heap. With three nodes topics are kept three times and two must acknowledge.
    A `brief` life is not worth Java's optimising compiler: it starts sooner and takes half the processor time.
    """

    host = LOOPBACK
    """By which name nodes are known to clients and to each other."""

    def __init__(
        self,
        folder: Path,
        *,
        ports: Sequence[NodePorts] | None = None,
        nodes: int = 1,
        heap_mb: int = 512,
        brief: bool = False,
    ):
        self.folder = folder
        self.ports = tuple(ports or _draw_ports(nodes))
        self._heap_mb = heap_mb
        self._brief = ("-XX:TieredStopAtLevel=1",) if brief else ()

    @property
    def bootstrap(self) -> str:
        """What clients are given as `bootstrap.servers`."""
        return ",".join(f"{self.host}:{port.clients}" for port in self.ports)

    @property
    def address(self) -> KafkaAddress:
        """Where it is, as our own clients are told."""
        return KafkaAddress(self.bootstrap)

    @property
    def replication(self) -> int:
        """How often a topic of this cluster can be kept."""
        return min(3, len(self.ports))

    def process(self, node: int = 0) -> Process:
        """Answer the process of one node (0, 1, …)."""
        heap = (f"-Xms{min(256, self._heap_mb)}m", f"-Xmx{self._heap_mb}m", "-XX:+UseSerialGC", *self._brief)
        return Process(
            name=f"kafka-{node}" if len(self.ports) > 1 else "kafka",
            command=(*self._java(*heap), "kafka.Kafka", str(self._settings(node))),
            folder=self.folder,
        )

    def start(self) -> None:
        """Start whatever node is not alive and wait until the cluster answers. Raises TimeoutError, ProcessFailed."""
        for node in range(len(self.ports)):
            self.start_node(node)
        self.wait_ready()

    def start_node(self, node: int) -> None:
        """Start one node if it is not alive, formatting its folder the first time; do not wait for it."""
        self._settings(node).parent.mkdir(parents=True, exist_ok=True)
        self._settings(node).write_text(self._properties(node))
        if not (self._data(node) / "meta.properties").exists():
            self._format(node)
        self.process(node).start()

    def wait_ready(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Wait until the cluster lists its topics and every started node is among its brokers."""
        admin = AdminClient({**self.address.settings(), "log_level": 0})
        wait_until(lambda: self._is_ready(admin), what=f"Kafka at {self.bootstrap}", timeout_s=timeout_s)

    def stop(self) -> None:
        """Stop all nodes, at the same time: the last ones would wait in vain for a quorum. The data stays."""
        nodes = [self.process(node) for node in range(len(self.ports))]
        for node in nodes:
            node.signal(node.stop_signal)
        for node in nodes:
            node.stop(STOP_TIMEOUT_S)

    def kill(self, node: int = 0) -> None:
        """End one node as a power failure would."""
        self.process(node).kill()

    def _is_ready(self, admin: AdminClient) -> bool:
        alive = [node for node in range(len(self.ports)) if self.process(node).pid_file.exists()]
        for node in alive:
            self.process(node).check_alive()
        try:
            brokers = admin.list_topics(timeout=1).brokers
        except KafkaException:
            return False
        return all(node + 1 in brokers for node in alive)

    def _format(self, node: int) -> None:
        cluster_file = self.folder / "cluster-id"
        if not cluster_file.exists():
            # Not with a dash at its head: StorageTool would take it for an option.
            cluster_file.write_text("L" + base64.urlsafe_b64encode(secrets.token_bytes(16)).decode()[1:22])
        arguments = ("format", "-t", cluster_file.read_text(), "-c", str(self._settings(node)))
        command = (*self._java("-Xmx128m", "-XX:TieredStopAtLevel=1"), "kafka.tools.StorageTool", *arguments)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def _java(self, *options: str) -> tuple[str, ...]:
        java = Path(os.environ["JAVA_HOME"]) / "bin" / "java" if "JAVA_HOME" in os.environ else Path("java")
        logging = f"-Dlog4j2.configurationFile={LOG4J}"
        return (str(java), *options, logging, "-cp", f"{jars_folder()}/*")

    def _settings(self, node: int) -> Path:
        return self.folder / f"node-{node}" / "server.properties"

    def _data(self, node: int) -> Path:
        return self.folder / f"node-{node}" / "data"

    def _properties(self, node: int) -> str:
        own = self.ports[node]
        voters = ",".join(f"{n + 1}@{self.host}:{port.controllers}" for n, port in enumerate(self.ports))
        copies, in_sync = self.replication, max(1, self.replication - 1)
        return f"""\
process.roles=broker,controller
node.id={node + 1}
controller.quorum.voters={voters}
controller.listener.names=CONTROLLER
listeners=CLIENTS://{LOOPBACK}:{own.clients},CONTROLLER://{LOOPBACK}:{own.controllers}
advertised.listeners=CLIENTS://{self.host}:{own.clients}
inter.broker.listener.name=CLIENTS
log.dirs={self._data(node)}
auto.create.topics.enable=false
unclean.leader.election.enable=false
delete.topic.enable=true
default.replication.factor={copies}
min.insync.replicas={in_sync}
offsets.topic.replication.factor={copies}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr={in_sync}
share.coordinator.state.topic.replication.factor={copies}
share.coordinator.state.topic.min.isr={in_sync}
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=4
log.retention.ms=-1
message.max.bytes=1048576
{self._security(node)}
"""

    def _security(self, _node: int) -> str:
        """Answer the properties that say who may speak to a node: on one machine, everybody."""
        return "listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT"


def _draw_ports(nodes: int) -> tuple[NodePorts, ...]:
    drawn = free_ports(2 * nodes)
    return tuple(NodePorts(*drawn[2 * node : 2 * node + 2]) for node in range(nodes))
