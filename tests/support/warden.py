"""Ends the servers of a session of tests that was killed, crashed or hung before it could end them itself.

    with warden(folder): ...

A process of its own waits for the end of a pipe that the session holds, and the kernel closes for the dead. Then it
kills whatever a pid file under the folder names, and removes the folder.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.local.processes import read_live_pid

ROOT = Path(__file__).parents[2]


@contextmanager
def warden(folder: Path) -> Iterator[None]:
    """Let nothing that was started in `folder` (`deploy.local.processes`), nor the folder, outlive this process."""
    command = [sys.executable, "-m", "tests.support.warden", str(folder)]
    # In a session of its own: Ctrl-C is for the tests, which end their servers in order where they can.
    waiting = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield
    finally:
        waiting.communicate()


def clear(folder: Path) -> None:
    """Kill what the pid files name, and remove the folder."""
    for pid_file in folder.rglob("*.pid"):
        pid = read_live_pid(pid_file)
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.stdin.read()
    clear(Path(sys.argv[1]))
