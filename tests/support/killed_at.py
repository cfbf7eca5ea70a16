"""Starts a service by its own entry point, so that it can be ended at a durable step by its own hand.

    python -m tests.support.killed_at ORDERS services.sealer

The service is the real one. It passes every moment of its steps on (`litopys.steps`), in production to a function that
does nothing; here to one that looks whether a file of orders is there. Who carries the orders out takes the file away,
so that of two processes with the same orders one is hit, and of two lives the first.
"""

import json
import os
import runpy
import signal
import sys
import time
from pathlib import Path
from typing import NamedTuple

from litopys import steps


class Orders(NamedTuple):
    """Send oneself a signal at a moment, once `after` such moments have passed since the orders are there."""

    moment: steps.Moment
    after: int = 0
    with_signal: signal.Signals = signal.SIGKILL

    def give(self, file: Path) -> None:
        """Put the orders where the process finds them, whole at once."""
        done_file(file).unlink(missing_ok=True)
        text = json.dumps([self.moment.step.name, self.moment.is_done, self.after, int(self.with_signal)])
        scratch = file.with_suffix(".new")
        scratch.write_text(text)
        scratch.rename(file)


def done_file(file: Path) -> Path:
    """Where stands when orders were carried out, in seconds since 1970, and the pid of who did."""
    return file.with_suffix(".done")


class Obeying:
    """What the process is told of every moment: the nth that the orders mean is its last, or it halts there."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._passed = 0

    def __call__(self, moment: steps.Moment) -> None:
        try:
            step, is_done, after, number = json.loads(self._file.read_text())
        except FileNotFoundError:
            self._passed = 0
            return
        if moment != steps.Moment(steps.Step[step], is_done):
            return
        self._passed += 1
        if self._passed > after and self._is_ours():
            scratch = self._file.with_suffix(".new")
            scratch.write_text(f"{time.time()} {os.getpid()}")
            scratch.rename(done_file(self._file))
            os.kill(os.getpid(), number)

    def _is_ours(self) -> bool:
        try:
            self._file.unlink()
        except FileNotFoundError:
            return False
        return True


if __name__ == "__main__":
    orders, module = sys.argv[1:]
    steps.pass_on = Obeying(Path(orders))  # before any module of the service takes it as its default
    runpy.run_module(module, run_name="__main__", alter_sys=True)
