"""Running the command line as its entry point does, without a process."""

import logging
import sys
from typing import NamedTuple

import pytest
import structlog

from litopys.cli.main import main


class Ran(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """`run("verify", path)` → exit code, stdout, stderr; in an empty folder, with an empty configuration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("LITOPYS_POLICY", "LITOPYS_STATE"):
        monkeypatch.delenv(name, raising=False)

    def run_once(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["litopys", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Ran(ended.value.code or 0, out, err)

    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [*root.handlers])
    monkeypatch.setattr(root, "level", root.level)
    yield run_once
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
