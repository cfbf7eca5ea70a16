"""Where a sample is written: a file as a whole, a pipe as it is."""

import os
import threading
from pathlib import Path

import pytest
import typer

from litopys.cli.main import app


def sample(output: Path, *more: str) -> int:
    """Run the command; gives its exit code."""
    arguments = ["sample", "registers", "schools", "-n", "3", "-q", "-o", str(output), *more]
    return typer.main.get_command(app).main(arguments, standalone_mode=False) or 0


def test_a_file_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "schools.csv"
    path.write_bytes(b"older")
    assert sample(path) == 0
    assert path.read_bytes().count(b"\n") > 3
    assert list(tmp_path.iterdir()) == [path]


def test_a_pipe_stays_a_pipe_and_gets_the_rows(tmp_path):
    pipe, file = tmp_path / "pipe", tmp_path / "file"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    assert sample(pipe) == sample(file) == 0
    reader.join(timeout=10)
    assert pipe.is_fifo()
    assert read == [file.read_bytes()]


def test_endless_lives_are_wrong_use(tmp_path):
    with pytest.raises(typer.BadParameter):
        sample(tmp_path / "file", "--events-per-row", "inf")
