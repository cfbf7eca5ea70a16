"""Processor time of processes and their threads, read from /proc: what each used while somebody watched.

A process that begins while it is watched is counted from its beginning, one that ends is counted as it was last seen,
so look often (`CpuMeter.watching`). Times of the kernel on a process's behalf are included, those of other machines and
of interrupts are not.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from deploy.local.network import LocalNetwork

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
LOOK_EVERY_S = 0.1
MAIN = "main"


class Stat(NamedTuple):
    """What proc(5) says of a process or a thread.

    Seconds of CPU, its own and of its children that ended, and when it began in the kernel's ticks.
    """

    name: str
    parent: int
    cpu_s: float
    ended_s: float
    began: int


class Thread(NamedTuple):
    """A thread by the name of its process and its own: `main`, or what the kernel calls it."""

    process: str
    name: str


def parse_stat(text: str) -> Stat:
    """Parse `/proc/…/stat`; the name in brackets may hold anything, brackets and blanks among it."""
    head, _, rest = text.rpartition(") ")
    fields = rest.split()
    user, system, ended_user, ended_system = (int(ticks) * TICK_S for ticks in fields[11:15])
    return Stat(head.partition("(")[2], int(fields[1]), user + system, ended_user + ended_system, int(fields[19]))


def read_stat(path: Path) -> Stat | None:
    """Read `/proc/…/stat` of a process or of one of its threads; None where it has ended."""
    try:
        return parse_stat(path.read_text())
    except (FileNotFoundError, ProcessLookupError):
        return None


def children(pid: int) -> list[int]:
    """Return the processes that `pid` has started and that are alive."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        stat = read_stat(path / "stat")
        if stat is not None and stat.parent == pid:
            found.append(int(path.name))
    return found


def title(pid: int) -> str:
    """Return the command line as the process shows it: Postgres writes there whose session a child serves."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def processes_of(network: LocalNetwork) -> dict[int, str]:
    """Return what runs of a network, by pid: `kafka`, `validator-kyiv-check`, `postgres validator_kyiv`, …"""
    found = {pid: process.name for process in network.processes() if (pid := process.pid()) is not None}
    servers = [pid for pid, name in found.items() if name == "postgres"]
    for child in (child for server in servers for child in children(server)):
        found[child] = f"postgres {_served(title(child))}"
    return found


def database_of(shown: str) -> str | None:
    """Tell from a child's title which member's database its session serves; None of a task of the server itself."""
    words = shown.removeprefix("postgres: ").split()
    if len(words) > 1 and words[1].startswith("litopys_"):
        return words[1].split("_", 2)[2]  # as LocalNetwork names its databases
    return None


def _served(shown: str) -> str:
    """Whose database a child serves, else what it is for: `walwriter`, `checkpointer`."""
    return database_of(shown) or next(iter(shown.removeprefix("postgres: ").split()), "?")


class CpuMeter:
    """Adds up the CPU of threads; `find` answers the processes to look at, by pid, each time anew."""

    def __init__(self, find: Callable[[], Mapping[int, str]]) -> None:
        self._find = find
        self._first: dict[tuple[int, int, int], float] = {}
        self._last: dict[tuple[int, int, int], tuple[Thread, float]] = {}
        self._began = time.clock_gettime(time.CLOCK_BOOTTIME) / TICK_S

    def look(self) -> None:
        """Read all of them once. A thread that ends between two looks loses what it used since the first."""
        for pid, name in self._find().items():
            for path in Path(f"/proc/{pid}/task").glob("*/stat"):
                stat = read_stat(path)
                if stat is None:
                    continue
                tid = int(path.parent.name)
                key = (pid, tid, stat.began)
                self._first.setdefault(key, 0.0 if stat.began >= self._began else stat.cpu_s)
                self._last[key] = (Thread(name, MAIN if tid == pid else stat.name), stat.cpu_s)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look at the beginning, every tenth of a second, and at the end."""
        done = threading.Event()

        def look_on() -> None:
            while not done.wait(LOOK_EVERY_S):
                self.look()

        self.look()
        watcher = threading.Thread(target=look_on)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()
            self.look()

    def by_thread(self) -> Counter[Thread]:
        """Return seconds of CPU by thread; threads of one name in one process are added up."""
        used: Counter[Thread] = Counter()
        for key, (thread, cpu_s) in self._last.items():
            used[thread] += cpu_s - self._first[key]  # type: ignore[assignment]  # a Counter may hold seconds
        return used

    def by_process(self) -> Counter[str]:
        """Return seconds of CPU by process."""
        used: Counter[str] = Counter()
        for thread, cpu_s in self.by_thread().items():
            used[thread.process] += cpu_s
        return used
