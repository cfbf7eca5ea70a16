"""What a session of tests started does not outlive it, however it ends."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.ports import wait_until
from deploy.local.processes import Process, read_live_pid
from tests.support.warden import ROOT, warden

SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")
SESSION = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever starts tests in the background has it ignored
from pathlib import Path
from deploy.local.processes import Process
from tests.support.warden import warden
folder = Path(sys.argv[1])
with warden(folder):
    Process("sleeper", (sys.executable, "-c", "import time; time.sleep(600)"), folder / "server").start()
    print("started", flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_session_that_is_ended_leaves_no_server(tmp_path, end):
    folder = tmp_path / "session"
    folder.mkdir()
    session = subprocess.Popen(
        [sys.executable, "-c", SESSION, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert session.stdout.readline() == b"started\n"
    kept = shutil.copy(folder / "server" / "sleeper.pid", tmp_path)
    os.kill(session.pid, end)
    session.wait()
    wait_until(lambda: not folder.exists(), what="the folder is gone", timeout_s=30)
    wait_until(lambda: read_live_pid(Path(kept)) is None, what="the end of the sleeper", timeout_s=10)


def test_the_end_of_the_context_waits_until_all_is_gone(tmp_path):
    folder = tmp_path / "session"
    folder.mkdir()
    sleeper = Process("sleeper", SLEEPER, folder)
    with warden(folder):
        sleeper.start()
        kept = shutil.copy(sleeper.pid_file, tmp_path)
        assert read_live_pid(Path(kept))
    assert not folder.exists()
    wait_until(lambda: read_live_pid(Path(kept)) is None, what="the end of the sleeper", timeout_s=10)
