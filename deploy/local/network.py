"""A whole network on one machine: Kafka, Postgres, sealers, validators and sectors, kept under one folder."""

import asyncio
import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from deploy.local.databases import READER, SERVICE, as_role, migrate_database
from deploy.local.kafka import Kafka
from deploy.local.layout import Layout, Plan, url
from deploy.local.members import ROOT, Member, Members
from deploy.local.ports import wait_until
from deploy.local.postgres import OwnPostgres, create_database, find_postgres
from deploy.local.processes import Process, ProcessFailed
from litopys.kafka.topics import create_topics, network_topics
from litopys.ledger.network import Network
from litopys.ledger.network_file import parse_network
from litopys.note.vkeys import format_vkey

READY_TIMEOUT_S = 90.0


class LocalNetwork:
    """The network whose data is in `folder`. `up` may be said at any time: it starts whatever is not running."""

    def __init__(self, folder: Path, plan: Plan | None = None):
        self.layout = Layout(folder)
        self.plan = plan or Plan()
        self.ports = self.layout.ports(self.plan)
        self.kafka = Kafka(
            self.layout.folder / "kafka",
            ports=self.ports.kafka,
            heap_mb=self.plan.kafka_heap_mb,
            brief=self.plan.is_brief,
        )
        self.postgres = find_postgres(self.layout.folder / "postgres")
        self.members = Members(self.layout, self.plan, self.ports, self.kafka.bootstrap, self.dsn_as)

    def up(self) -> list[str]:
        """Start all that is not running and wait until it is ready; answers the names of what of ours was started.

        Raises TimeoutError, ProcessFailed.
        """
        self._check_sectors()
        for node in range(len(self.ports.kafka)):
            self.kafka.start_node(node)
        self.postgres.start()
        self._initialise()
        asyncio.run(self._make_databases())
        self.kafka.wait_ready()
        topics = network_topics(self.network())
        asyncio.run(create_topics(self.kafka.address, topics, replication=self.kafka.replication))
        started = [member.process.name for member in self.members.all() if member.process.start()]
        self.write_state()
        self.wait_ready()
        return started

    def _check_sectors(self) -> None:
        """Refuse a network that was made with other sectors than this build has: its file names them for good."""
        own, built = set(self.ports.sectors), set(self.plan.sectors)
        if own != built:
            differ = [f"without {name}" for name in sorted(built - own)]
            differ += [f"with {name}, which this build lacks" for name in sorted(own - built)]
            made = f"the network under {self.layout.folder} was made {', '.join(differ)}"
            raise ProcessFailed(f"{made}: `make clean` ends it with its data")

    def wait_ready(self, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Wait until every process of ours says on /readyz that it can work."""
        for member in self.members.all():
            wait_until(lambda m=member: is_ready(m), what=member.process.name, timeout_s=timeout_s)  # type: ignore[misc]

    def down(self) -> list[str]:
        """Stop everything, gracefully where it can be had; the data stays. Answers the names of what was running."""
        ours = [member.process for member in self.members.all()]
        stopped = [process.name for process in ours if process.signal(process.stop_signal)]
        for process in ours:
            process.stop()
        self.kafka.stop()
        self.postgres.stop()
        if self.layout.network_file.exists():
            self.write_state()
        return stopped

    def network(self) -> Network:
        """Answer the network, from its file."""
        return parse_network(self.layout.network_file.read_bytes())

    def process(self, name: str) -> Process:
        """Answer one process by its name: `kafka`, `postgres`, `validator-kyiv-check`, `sealer-a`, `registers`."""
        return next(process for process in self.processes() if process.name == name)

    def processes(self) -> list[Process]:
        """Answer all processes, servers first."""
        servers = [self.kafka.process(node) for node in range(len(self.ports.kafka))]
        own = [self.postgres.process] if isinstance(self.postgres, OwnPostgres) else []
        return [*servers, *own, *(member.process for member in self.members.all())]

    def dsn(self, member: str) -> str:
        """Answer the DSN of a member's database (`validator_kyiv`, `sector_registers`), of whom may do everything."""
        return self.postgres.dsn(self._database(member))

    def dsn_as(self, member: str, role: str) -> str:
        """Answer the DSN of a member's database as one of the roles (`deploy.local.databases`)."""
        return as_role(self.dsn(member), role)

    async def make_database(self, member: str) -> None:
        """Create a member's database unless it is there, and bring it to this build's layout: a step of its own."""
        dsn = await create_database(self.postgres, self._database(member))
        await migrate_database(dsn, "ledger" if member.startswith("validator_") else "sector")

    def write_state(self) -> None:
        """Write what `litopys status` reads: who is where, and the pids of what runs."""
        scratch = self.layout.state_file.with_suffix(".new")
        scratch.touch(mode=0o600)
        scratch.write_text(json.dumps(self._state(), indent=1) + "\n")
        scratch.rename(self.layout.state_file)

    def _state(self) -> dict[str, Any]:
        network = self.network()
        return {
            "origin": network.origin,
            "policy": str(self.layout.policy_file),
            "network": str(self.layout.network_file),
            "log_vkey": format_vkey(network.log.vkey),
            "bootstrap": self.kafka.bootstrap,
            "postgres": self.postgres.admin_dsn,
            "token_key": str(self.layout.token_signing_file),
            "validators": [
                {
                    "name": validator.name,
                    "vkey": format_vkey(validator.key.vkey),
                    "url": validator.url,
                    "database": self.dsn_as(f"validator_{validator.name}", READER),
                }
                for validator in network.validators
            ],
            "sectors": [
                {"name": name, "url": url(port), "database": self.dsn_as(f"sector_{name}", SERVICE)}
                for name, port in self.ports.sectors.items()
            ],
            "processes": [{"name": one.name, "pid": one.pid(), "log": str(one.log)} for one in self.processes()],
        }

    def _database(self, member: str) -> str:
        """Networks that share a server given by DATABASE_URL must not share databases."""
        return f"litopys_{self.ports.kafka[0].clients}_{member}"

    def _initialise(self) -> None:
        """Draw everybody's keys and write network file and policy, the first time."""
        if self.layout.network_file.exists():
            return
        validators = (f"--validator={name}={url(self.ports.serve[name])}" for name in self.plan.validators)
        command = [
            *(sys.executable, "-m", "litopys.cli.main", "network", "init"),
            *(f"--directory={self.layout.network_folder}", f"--origin={self.plan.origin}"),
            *(f"--partitions={self.plan.partitions}", *validators),
            *(f"--sealer={name}" for name in self.plan.sealers),
            *(f"--sector={name}" for name in self.plan.sectors),
        ]
        made = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
        if made.returncode:
            raise ProcessFailed(f"litopys network init: {made.stderr}")

    async def _make_databases(self) -> None:
        validators = [f"validator_{name}" for name in self.plan.validators]
        first, *others = [*validators, *(f"sector_{name}" for name in self.plan.sectors)]
        await self.make_database(first)  # and with it the roles, which all of them share
        await asyncio.gather(*map(self.make_database, others))


def is_ready(member: Member) -> bool:
    """Answer whether a process says on /readyz that it can work. Raises ProcessFailed where it has ended."""
    member.process.check_alive()
    try:
        with urllib.request.urlopen(f"{url(member.port)}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
