"""A local network whose own processes can be killed at a durable step (`tests.support.killed_at`).

Its sectors run as two processes each, `<sector>` for HTTP and `<sector>-relay`, so that one can be killed alone.
"""

import dataclasses
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

from deploy.local.layout import Plan
from deploy.local.members import Member, Members
from deploy.local.network import LocalNetwork
from deploy.local.ports import free_ports, wait_until
from tests.support.killed_at import Orders, done_file

OBEYED_TIMEOUT_S = 60.0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class KillableMembers(Members):
    """The members, each under orders; `relay_ports` are those of the sectors' relays."""

    orders: Path
    relay_ports: Mapping[str, int]

    def all(self) -> Iterator[Member]:
        for member in Members.all(self):
            name = member.process.name
            if name not in self.relay_ports:
                yield self._under_orders(member)
                continue
            yield self._under_orders(_with(member, LITOPYS_ROLE="http"))
            port = self.relay_ports[name]
            process = dataclasses.replace(member.process, name=f"{name}-relay")
            relay = _with(Member(process, port), LITOPYS_ROLE="relay", LITOPYS_PORT=str(port))
            yield self._under_orders(relay)

    def file(self, name: str) -> Path:
        """Where a process looks for orders; the sealers share theirs, whoever proposes takes them."""
        return self.orders / name.partition("-")[0] if name.startswith("sealer") else self.orders / name

    def _under_orders(self, member: Member) -> Member:
        process = member.process
        python, flag, module = process.command
        command = (python, flag, "tests.support.killed_at", str(self.file(process.name)), module)
        return member._replace(process=dataclasses.replace(process, command=command))


def _with(member: Member, **environment: str) -> Member:
    process = member.process
    return member._replace(process=dataclasses.replace(process, environment={**process.environment, **environment}))


class KillableNetwork(LocalNetwork):
    """A network under `folder`; `up` restarts whatever has died, as an orchestrator would."""

    members: KillableMembers

    def __init__(self, folder: Path, plan: Plan) -> None:
        super().__init__(folder, plan)
        orders = self.layout.folder / "orders"
        orders.mkdir(exist_ok=True)
        ports = dict(zip(self.ports.sectors, free_ports(len(self.ports.sectors)), strict=True))
        plain = {field.name: getattr(self.members, field.name) for field in dataclasses.fields(Members)}
        self.members = KillableMembers(**plain, orders=orders, relay_ports=ports)

    def order(self, name: str, orders: Orders) -> float:
        """Give a process orders and wait until they are carried out; answers when they were, in seconds since 1970.

        `name` is a process, or `sealer` for the one that proposes.
        """
        file = self.members.file(name)
        orders.give(file)
        done = done_file(file)
        wait_until(done.exists, what=f"{name} at {orders}", timeout_s=OBEYED_TIMEOUT_S)
        at_s, pid = done.read_text().split()
        if orders.with_signal is signal.SIGKILL:
            wait_until(lambda: int(pid) not in self._pids(), what=f"the end of {name}", timeout_s=OBEYED_TIMEOUT_S)
        return float(at_s)

    def _pids(self) -> set[int | None]:
        return {process.pid() for process in self.processes()}
