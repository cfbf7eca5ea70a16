"""What the processes of a local network take, as the kernel counts it: processor time and memory that is their own."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from deploy.local.network import LocalNetwork

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_POSTGRES = "postgres: "
_SERVER_TASKS = ("checkpointer", "background writer", "walwriter", "autovacuum", "stats", "logger")


class Usage(NamedTuple):
    """Processor seconds since the start, with those of ended children; proportional memory (PSS) in KiB."""

    cpu_s: float
    memory_kib: int


class Stat(NamedTuple):
    """Of proc(5) `stat`: the parent, and clock ticks of the process itself and of its children that ended."""

    parent: int
    ticks: int
    ended_ticks: int


def parse_stat(text: str) -> Stat:
    """Parse /proc/<pid>/stat; the name in brackets may hold anything, brackets and blanks among it."""
    fields = text.rpartition(")")[2].split()
    user, system, ended_user, ended_system = map(int, fields[11:15])
    return Stat(int(fields[1]), user + system, ended_user + ended_system)


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
    stat = parse_stat(Path(f"/proc/{pid}/stat").read_text())
    return (stat.ticks + stat.ended_ticks) / TICKS_PER_S


def _pss_kib(pid: int) -> int:
    return parse_pss_kib(Path(f"/proc/{pid}/smaps_rollup").read_text())


def _postgres(server: int) -> dict[str, Usage]:
    """A server whose sessions were all alive since the start would need no `ended`; an importer's are not."""
    ticks: Counter[str] = Counter()
    memory: Counter[str] = Counter()
    stat = parse_stat(Path(f"/proc/{server}/stat").read_text())
    ticks["ended"], ticks["server"], memory["server"] = stat.ended_ticks, stat.ticks, _pss_kib(server)
    for child in _children(server):
        with suppress(FileNotFoundError, ProcessLookupError):  # a session may end while it is looked at
            role = session_role(Path(f"/proc/{child}/cmdline").read_bytes().decode())
            memory[role] += _pss_kib(child)
            ticks[role] += parse_stat(Path(f"/proc/{child}/stat").read_text()).ticks
    return {f"{_POSTGRES}{role}": Usage(ticks[role] / TICKS_PER_S, memory[role]) for role in ticks}


def session_role(title: str) -> str:
    """What a process of Postgres serves, by its title: a member's database without the network's number, or itself."""
    words = title.rstrip("\0 ").removeprefix("postgres: ").split()
    if not words or any(title.startswith(f"postgres: {task}") for task in _SERVER_TASKS) or len(words) < 2:
        return "server"
    database = words[1]
    return database.split("_", 2)[2] if database.count("_") >= 2 else "server"


def _children(parent: int) -> Iterator[int]:
    for pid in _pids():
        with suppress(FileNotFoundError, ProcessLookupError):
            if parse_stat(Path(f"/proc/{pid}/stat").read_text()).parent == parent:
                yield pid


def _pids() -> Iterable[int]:
    return [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]
