"""How slow the processors are at the moment: the same piece of work, again and again, in seconds of processor time.

Processes that share cores and caches with many others need more processor time for the same work. Where two costs were
measured at different times, each is divided by what the yardstick took meanwhile.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from hashlib import sha256
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_EVERY_S = 2.0
_PIECES = 200
_PIECE = {f"field {number}": ["вул. Уявна", number, {"share": "1/2", "since": "2026-03-01"}] for number in range(20)}


@contextmanager
def yardstick() -> Iterator[list[float]]:
    """Measure every two seconds beside the body; afterwards the list holds the median, seconds, and nothing else."""
    taken: list[float] = []
    ended = threading.Event()

    def keep_measuring() -> None:
        while True:
            taken.append(_measure())
            if ended.wait(_EVERY_S):
                return

    thread = threading.Thread(target=keep_measuring)
    thread.start()
    try:
        yield taken
    finally:
        ended.set()
        thread.join()
        taken[:] = [median(taken)]


def _measure() -> float:
    """Encode, decode and hash, as the processes do that are measured."""
    began = time.thread_time()
    for _ in range(_PIECES):
        sha256(json.dumps(json.loads(json.dumps(_PIECE))).encode()).digest()
    return time.thread_time() - began
