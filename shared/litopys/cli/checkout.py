"""A checkout of the repository, for commands that change it: where it is, what git knows of it, its own tools."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from litopys.cli.console import WrongUse

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARKS: Final = ("pyproject.toml", "services/catalogue.py", "tests/contracts/golden_files.py")


def find_checkout(command: str) -> Path:
    """Return the root of the checkout in which we stand; raises WrongUse outside of one."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if all((folder / mark).exists() for mark in _MARKS):
            return folder
    raise WrongUse(f"`litopys {command}` changes the source: run it in a checkout of the repository, not in {here}")


def unkept(root: Path, paths: Sequence[Path]) -> list[str]:
    """List the files under some paths that git could not bring back: new or changed ones. All, where git knows none."""
    command = ["git", "status", "--porcelain", "--untracked-files=all", "--", *map(str, paths)]
    done = _run(root, command)
    if done.returncode:
        return [str(path) for path in paths if path.exists()]
    return [line[3:] for line in done.stdout.splitlines()]


def run_module(root: Path, *arguments: str) -> str:
    """Run one of the checkout's own modules; returns what it said, raises WrongUse where it fails."""
    done = _run(root, [sys.executable, "-m", *arguments])
    if done.returncode:
        raise WrongUse(f"python -m {' '.join(arguments)}:\n{(done.stdout + done.stderr).strip()}")
    return done.stdout


def _run(root: Path, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    # The code of this checkout, whichever is installed.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "shared"), str(root)])}
    return subprocess.run(  # noqa: S603 -- commands of our own
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
