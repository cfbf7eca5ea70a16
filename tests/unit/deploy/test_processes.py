"""Detached processes: started once, known by more than their number, ended in both ways."""

import os
import signal
import subprocess
import sys

import pytest

from deploy.local.ports import wait_until
from deploy.local.processes import Process, ProcessFailed, read_live_pid

SLEEPER = (sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(600)",
)


@pytest.fixture
def make(tmp_path):
    made = []

    def make(command=SLEEPER, **more):
        made.append(Process("one", command, tmp_path, **more))
        return made[-1]

    yield make
    for process in made:
        process.kill()


def wait_for_output(process):
    wait_until(lambda: "here" in process.log_tail(), what="the child's first words", timeout_s=30)


def test_starting_twice_starts_once(make):
    process = make()
    assert process.start()
    pid = process.pid()
    assert not process.start()
    assert process.pid() == pid


def test_a_process_that_was_killed_starts_again(make):
    process = make()
    process.start()
    wait_for_output(process)
    first = process.pid()
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: process.pid() is None, what="the end of the child", timeout_s=10)
    assert process.start()
    assert process.pid() not in {None, first}


def test_stop_ends_it_and_says_whether_it_was_alive(make):
    process = make()
    assert not process.stop()
    process.start()
    assert process.stop()
    assert process.pid() is None
    assert not process.pid_file.exists()


def test_who_ignores_the_signal_is_ended_by_force(make):
    process = make(STUBBORN)
    process.start()
    wait_for_output(process)
    assert process.stop(timeout_s=0.1)
    assert process.pid() is None


def test_a_pid_that_belongs_to_somebody_else_now_is_not_ours(make):
    process = make()
    other = subprocess.Popen(SLEEPER, stdout=subprocess.DEVNULL)
    try:
        process.pid_file.write_text(f"{other.pid} 1\n")
        assert process.pid() is None
        assert not process.kill()
        assert other.poll() is None, "a stranger was killed"
    finally:
        other.kill()
        other.wait()


@pytest.mark.parametrize("text", ["", "1", "x y z"])
def test_a_broken_pid_file_names_nobody(tmp_path, text):
    (tmp_path / "one.pid").write_text(text)
    assert read_live_pid(tmp_path / "one.pid") is None


def test_whose_end_was_not_expected_is_told_with_the_end_of_its_log(make):
    process = make((sys.executable, "-c", "raise SystemExit('for this reason')"))
    process.start()
    wait_until(lambda: process.pid() is None, what="the end of the child", timeout_s=30)
    with pytest.raises(ProcessFailed, match="for this reason"):
        process.check_alive()


def test_environment_is_added_to_ours(make):
    command = (sys.executable, "-c", "import os; print('here', os.environ['LITOPYS_X'])")
    process = make(command, environment={"LITOPYS_X": "7"})
    process.start()
    wait_until(lambda: "here 7" in process.log_tail(), what="the child's words", timeout_s=30)
