"""Processes that outlive the command that started them: detached, each with a pid file and a log.

A pid file holds `<pid> <start time>`; the start time is the kernel's, so that a number given to another process since
is never taken for ours, and never sent a signal.
"""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

STOP_TIMEOUT_S = 20.0
LOG_TAIL_BYTES = 2_000


class ProcessFailed(RuntimeError):
    """A process ended while something was expected of it. The message holds the end of its log."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process of the local network: how it is started, and where its pid and its log are kept."""

    name: str
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM

    @property
    def log(self) -> Path:
        """What the process wrote on stdout and stderr, all its lives long."""
        return self.folder / f"{self.name}.log"

    @property
    def pid_file(self) -> Path:
        """Where pid and start time stand while it is meant to run."""
        return self.folder / f"{self.name}.pid"

    def pid(self) -> int | None:
        """Answer the pid if the process is alive."""
        return read_live_pid(self.pid_file)

    def start(self) -> bool:
        """Start the process unless it is alive. Answers whether it had to be started."""
        if self.pid() is not None:
            return False
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        self.pid_file.write_text(f"{child.pid} {_start_time(child.pid)}\n")
        # The child is meant to outlive us; without this, Python would warn about it and wait for it.
        child.returncode = 0
        return True

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> bool:
        """End the process gracefully, by force after `timeout_s`. Answers whether it was alive."""
        alive = self.signal(self.stop_signal)
        if alive and not self._ended_within(timeout_s):
            self.kill()
        self.pid_file.unlink(missing_ok=True)
        return alive

    def kill(self) -> bool:
        """End the process as a power failure would (SIGKILL). Answers whether it was alive."""
        alive = self.signal(signal.SIGKILL)
        if alive and not self._ended_within(STOP_TIMEOUT_S):
            raise ProcessFailed(f"{self.name} survives SIGKILL")
        self.pid_file.unlink(missing_ok=True)
        return alive

    def signal(self, number: signal.Signals) -> bool:
        """Send one signal. Answers whether there was a process to take it."""
        pid = self.pid()
        if pid is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        return True

    def check_alive(self) -> None:
        """Raise ProcessFailed, with the end of the log, if the process has ended."""
        if self.pid() is None:
            raise ProcessFailed(f"{self.name} has ended; its log ({self.log}) ends with:\n{self.log_tail()}")

    def log_tail(self) -> str:
        """Answer the last lines of the log."""
        if not self.log.exists():
            return ""
        return self.log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace")

    def _ended_within(self, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        while self.pid() is not None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True


def read_live_pid(pid_file: Path) -> int | None:
    """Answer the pid that a pid file names, if the very process that it meant is still alive."""
    try:
        pid_text, start_time = pid_file.read_text().split()
    except (FileNotFoundError, ValueError):
        return None
    pid = int(pid_text)
    return pid if _start_time(pid) == start_time else None


def _start_time(pid: int) -> str | None:
    """Answer the kernel's start time of a live process (proc(5), field 22), None if it has ended."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # our own child stays a zombie until somebody asks for it
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if after_name[0] in {"Z", "X"} else after_name[19]
