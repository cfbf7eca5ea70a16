"""How the demonstration talks: each step says in one line what it shows, then what came of it and how long it took."""

import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.processes import Process

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_GREEN, _RED, _BOLD = 32, 31, 1


class Show:
    """The steps so far. Lines go to stdout; colours only on a terminal that wants them."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._number = 0
        self._is_plain = not sys.stdout.isatty() or "NO_COLOR" in os.environ

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Say what the block shows before it runs, and how long it took after."""
        self._number += 1
        print(self._paint(f"{self._number}. {what}", _BOLD), flush=True)
        start = time.monotonic()
        yield
        print(f"   {self._paint('✓', _GREEN)} {time.monotonic() - start:.1f} s", flush=True)

    def tell(self, text: str) -> None:
        """Say what came of a part of the step."""
        for line in text.splitlines():
            print(f"   {line}", flush=True)

    def fail(self, text: str) -> None:
        """Say what went wrong."""
        print(f"   {self._paint('✗', _RED)} {text}", flush=True)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._start

    def _paint(self, text: str, colour: int) -> str:
        return text if self._is_plain else f"\033[{colour}m{text}\033[0m"


def resident_mb(processes: Iterable[Process]) -> dict[str, int]:
    """Answer the resident memory of each process that runs, with that of its children, in MB."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    return {one.name: round(_tree_bytes(pid, children) / 1e6) for one in processes if (pid := one.pid()) is not None}


def _tree_bytes(pid: int, children: dict[int, list[int]]) -> int:
    """All pages of the process, and of its children those that they do not share: shared ones count once."""
    resident, _ = _pages(pid)
    own = (_pages(child) for child in children.get(pid, ()))
    return (resident + sum(pages - shared for pages, shared in own)) * _PAGE_BYTES


def _pages(pid: int) -> tuple[int, int]:
    """Resident and, of these, shared pages (proc(5), statm)."""
    try:
        words = Path(f"/proc/{pid}/statm").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0
    return int(words[1]), int(words[2])
