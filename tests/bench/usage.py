"""What the processes of a local network take, as the kernel counts it: processor time and memory that is their own."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.proc import children, database_of, parse_stat, title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deploy.local.network import LocalNetwork
    from tests.bench.proc import Stat

_POSTGRES = "postgres: "
_AUTOVACUUM = "postgres: autovacuum worker"


class Usage(NamedTuple):
    """Processor seconds since the start, with those of ended children; proportional memory (PSS) in KiB."""

    cpu_s: float
    memory_kib: int


def parse_pss_kib(rollup: str) -> int:
    """Parse /proc/<pid>/smaps_rollup: resident pages, those that n processes share counted as one n-th each."""
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))


def measure(network: LocalNetwork) -> dict[str, Usage]:
    """Measure each running process of the network by name; Postgres is taken apart by what its sessions serve.

    Sessions that ended, an importer's among them, are in `postgres: ended`; shared buffers are counted once, over all.
    """
    pids = {process.name: pid for process in network.processes() if (pid := process.pid()) is not None}
    server = pids.pop("postgres", None)
    found = {name: Usage(cpu_s(pid), _pss_kib(pid)) for name, pid in pids.items()}
    return found | (_postgres(server) if server is not None else {})


def since(now: Mapping[str, Usage], before: Mapping[str, Usage]) -> dict[str, float]:
    """Processor seconds by name between two measurements of one network; of what began anew, those of its new life.

    A session of Postgres that ended took its seconds along to `postgres: ended`: of those the sum is right.
    """
    spent = {name: usage.cpu_s - before.get(name, Usage(0, 0)).cpu_s for name, usage in now.items()}
    anew = {name for name, one in spent.items() if one < 0 and not name.startswith(_POSTGRES)}
    return {name: now[name].cpu_s if name in anew else one for name, one in spent.items()}


def cpu_s(pid: int) -> float:
    """Processor seconds of a process since its start, with those of its ended children."""
    stat = _stat(pid)
    return stat.cpu_s + stat.ended_s


def _stat(pid: int) -> Stat:
    return parse_stat(Path(f"/proc/{pid}/stat").read_text())


def _pss_kib(pid: int) -> int:
    return parse_pss_kib(Path(f"/proc/{pid}/smaps_rollup").read_text())


def _postgres(server: int) -> dict[str, Usage]:
    """A server whose sessions were all alive since the start would need no `ended`; an importer's are not."""
    seconds: dict[str, float] = defaultdict(float)
    memory: Counter[str] = Counter()
    stat = _stat(server)
    seconds["ended"], seconds["server"], memory["server"] = stat.ended_s, stat.cpu_s, _pss_kib(server)
    for child in children(server):
        with suppress(FileNotFoundError, ProcessLookupError):  # a session may end while it is looked at
            role = session_role(title(child))
            memory[role] += _pss_kib(child)
            seconds[role] += _stat(child).cpu_s
    return {f"{_POSTGRES}{role}": Usage(spent, memory[role]) for role, spent in seconds.items()}


def session_role(shown: str) -> str:
    """What a process of Postgres serves, by its title: a member's database without the network's number, or itself."""
    return "server" if shown.startswith(_AUTOVACUUM) else database_of(shown) or "server"
