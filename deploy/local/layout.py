"""Who is in the local network, where each listens, and where everything is kept."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deploy.local.kafka import NodePorts
from deploy.local.ports import LOOPBACK, free_ports
from deploy.members import ORIGIN, PARTITIONS, SEALERS, VALIDATORS
from services.catalogue import sector_names


@dataclass(frozen=True, slots=True)
class Plan:
    """A network's members and settings.

    `is_brief` starts sooner and is slower in the long run; `environment` is added to that of every process of ours.
    """

    origin: str = ORIGIN
    validators: tuple[str, ...] = VALIDATORS
    sealers: tuple[str, ...] = SEALERS
    sectors: tuple[str, ...] = field(default_factory=sector_names)
    partitions: int = PARTITIONS
    kafka_nodes: int = 1
    kafka_heap_mb: int = 512
    is_brief: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each process listens: drawn once, for the network file names the validators' URLs."""

    kafka: tuple[NodePorts, ...]
    serve: Mapping[str, int]
    check: Mapping[str, int]
    sealers: Mapping[str, int]
    sectors: Mapping[str, int]


class Layout:
    """The folders and files of one local network under `folder`."""

    def __init__(self, folder: Path):
        self.folder = folder.resolve()

    @property
    def state_file(self) -> Path:
        """What `litopys status` reads."""
        return self.folder / "litopys.json"

    @property
    def ports_file(self) -> Path:
        """The ports, kept over restarts."""
        return self.folder / "ports.json"

    @property
    def network_folder(self) -> Path:
        """Network file, policy, and the keys of everybody: on one machine only."""
        return self.folder / "network"

    @property
    def network_file(self) -> Path:
        """The genesis."""
        return self.network_folder / "network.json"

    @property
    def policy_file(self) -> Path:
        """What a verifier needs."""
        return self.network_folder / "policy"

    @property
    def processes(self) -> Path:
        """Pid files and logs of our own processes."""
        return self.folder / "processes"

    @property
    def token_key_file(self) -> Path:
        """The public key of local tokens."""
        return self.network_folder / "keys" / "tokens.public.jwk"

    @property
    def token_signing_file(self) -> Path:
        """The private key of local tokens: whoever has it speaks for any actor."""
        return self.network_folder / "keys" / "tokens.jwk"

    def key_file(self, kind: str, name: str = "") -> Path:
        """Where the private key of one member is."""
        return self.network_folder / "keys" / (f"{kind}-{name}.key" if name else f"{kind}.key")

    def ports(self, plan: Plan) -> Ports:
        """Answer the ports, drawing them the first time."""
        if not self.ports_file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            self.ports_file.write_text(json.dumps(asdict(_draw(plan)), indent=1) + "\n")
        kept = json.loads(self.ports_file.read_text())
        return Ports(**{**kept, "kafka": tuple(NodePorts(**node) for node in kept["kafka"])})


def url(port: int) -> str:
    """Answer the URL of a process of ours."""
    return f"http://{LOOPBACK}:{port}"


def _draw(plan: Plan) -> Ports:
    members = len(plan.validators) * 2 + len(plan.sealers) + len(plan.sectors)
    drawn = iter(free_ports(2 * plan.kafka_nodes + members))
    return Ports(
        kafka=tuple(NodePorts(next(drawn), next(drawn)) for _ in range(plan.kafka_nodes)),
        serve={name: next(drawn) for name in plan.validators},
        check={name: next(drawn) for name in plan.validators},
        sealers={name: next(drawn) for name in plan.sealers},
        sectors={name: next(drawn) for name in plan.sectors},
    )
