import json
import os
import signal
import subprocess
import sys

import pytest

PROGRAM = """
from litopys.errors import Halted, Unavailable
from litopys.service.logs import configure_logs
from litopys.service.run import run_process

async def main(stopping):
    {body}

configure_logs(service="sector", name="toy")
run_process(main)
"""


def start(body: str) -> subprocess.Popen:
    program = PROGRAM.format(body=body)
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_a_signal_ends_the_process_in_good_order():
    process = start('print("up", flush=True); await stopping.wait(); print("down")')
    assert process.stdout.readline() == b"up\n"
    os.kill(process.pid, signal.SIGTERM)
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, b"down\n")


@pytest.mark.parametrize(
    ("error", "reasons"),
    [("Halted('a gap')", ["Halted: a gap"]), ("ExceptionGroup('g', [ValueError('secret')])", [])],
)
def test_an_error_ends_it_with_one_line_that_quotes_nothing_foreign(error, reasons):
    process = start(f"raise {error}")
    _, text = process.communicate(timeout=30)
    assert process.returncode == 1
    (line,) = [json.loads(line) for line in text.splitlines()]
    assert line["reasons"] == reasons
    assert b"secret" not in text
