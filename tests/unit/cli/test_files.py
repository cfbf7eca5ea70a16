"""Files that a command puts in the place of others: whole, or not at all."""

import os

import pytest

from litopys.cli.console import WrongUse
from litopys.cli.files import put_whole


class Killed(BaseException):
    pass


@pytest.mark.parametrize("ended", [Killed, OSError])
def test_what_is_ended_while_it_is_written_leaves_what_was_there(tmp_path, monkeypatch, ended):
    path = tmp_path / "checkpoint"
    put_whole(path, b"before")

    def end(_descriptor):
        raise ended

    with monkeypatch.context() as patched, pytest.raises(Killed if ended is Killed else WrongUse):
        patched.setattr(os, "fsync", end)
        put_whole(path, b"after")
    assert path.read_bytes() == b"before"
    put_whole(path, b"again")
    assert path.read_bytes() == b"again"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(WrongUse, match="checkpoint"):
        put_whole(tmp_path / "none" / "checkpoint", b"")
