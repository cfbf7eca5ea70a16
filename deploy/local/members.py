"""The processes of the network that are ours: what each is told about itself through its environment."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from deploy.local.databases import READER, SERVICE
from deploy.local.layout import Layout, Plan, Ports
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Process
from litopys.kafka.brokers import Profile

ROOT = Path(__file__).parents[2]


class Member(NamedTuple):
    """A process and the port on which it answers /readyz."""

    process: Process
    port: int


@dataclass(frozen=True, slots=True)
class Members:
    """All processes of ours in one network; `dsn` answers the DSN of a member's database as a role."""

    layout: Layout
    plan: Plan
    ports: Ports
    bootstrap: str
    dsn: Callable[[str, str], str]

    def all(self) -> Iterator[Member]:
        """Answer all of them, those first that others read from; the sectors that the network was made with."""
        for name in self.plan.validators:
            yield self.checking(name)
            yield self.serving(name)
        for name in self.plan.sealers:
            yield self.sealing(name)
        for name in self.ports.sectors:
            yield self.sector(name)

    def checking(self, name: str) -> Member:
        """Answer a validator's core."""
        own = {
            "LITOPYS_ROLE": "check",
            "LITOPYS_DATABASE_URL": self.dsn(f"validator_{name}", SERVICE),
            "LITOPYS_KEY_FILE": str(self.layout.key_file("validator", name)),
        }
        return self._member(f"validator-{name}-check", name=name, port=self.ports.check[name], own=own)

    def serving(self, name: str) -> Member:
        """Answer what reads a validator's database over HTTP."""
        own = {"LITOPYS_ROLE": "serve", "LITOPYS_DATABASE_URL": self.dsn(f"validator_{name}", READER)}
        return self._member(f"validator-{name}-serve", name=name, port=self.ports.serve[name], own=own)

    def sealing(self, name: str) -> Member:
        """Answer a sealer; all sealers hold the log key."""
        own = {
            "LITOPYS_KEY_FILE": str(self.layout.key_file("sealer", name)),
            "LITOPYS_LOG_KEY_FILE": str(self.layout.key_file("log")),
        }
        return self._member(f"sealer-{name}", name=name, port=self.ports.sealers[name], own=own)

    def sector(self, name: str) -> Member:
        """Answer a sector service, HTTP and relay in one."""
        own = {
            "LITOPYS_DATABASE_URL": self.dsn(f"sector_{name}", SERVICE),
            "LITOPYS_KEY_FILE": str(self.layout.key_file("sector", name)),
            "LITOPYS_TOKEN_KEY": str(self.layout.token_key_file),
        }
        return self._member(name, name=name, port=self.ports.sectors[name], own=own)

    def _member(self, title: str, *, name: str, port: int, own: Mapping[str, str]) -> Member:
        """A process is called `<service>[-<name>[-<role>]]`."""
        shared = {
            "LITOPYS_NAME": name,
            "LITOPYS_NETWORK_FILE": str(self.layout.network_file),
            "LITOPYS_BOOTSTRAP": self.bootstrap,
            "LITOPYS_KAFKA_PROFILE": Profile.REPLICATED if self.plan.kafka_nodes > 2 else Profile.SINGLE,
            "LITOPYS_HOST": LOOPBACK,
            "LITOPYS_PORT": str(port),
            "PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}",
        }
        command = (sys.executable, "-m", f"services.{title.partition('-')[0]}")
        everything = {**shared, **own, **self.plan.environment}
        return Member(Process(title, command, self.layout.processes, everything), port)
