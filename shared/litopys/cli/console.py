"""What every command says and how it ends: results on stdout, all else on stderr, four exit codes."""

from __future__ import annotations

import json
import os
import sys
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping


class ExitCode(IntEnum):
    """How a command ended."""

    FINE = 0
    FAILED = 1
    """Something was checked and does not hold."""
    USAGE = 2
    """The command was asked wrongly; nothing was checked."""
    INCONCLUSIVE = 3
    """Something could not be reached, so nothing can be said."""


class WrongUse(Exception):
    """The command was asked wrongly: the message says what to do instead."""


AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but the result.")]


def print_result(text: str) -> None:
    """Print a result on stdout."""
    sys.stdout.write(f"{text}\n")


def print_json(value: Mapping[str, Any]) -> None:
    """Print a result as JSON on stdout."""
    print_result(json.dumps(value, ensure_ascii=False, indent=1))


def note(text: str, *, quiet: bool = False) -> None:
    """Say something beside the result, on stderr."""
    if not quiet:
        sys.stderr.write(f"{text}\n")


def end(code: ExitCode, message: str = "") -> NoReturn:
    """End the command with a code, after a line on stderr."""
    if message:
        sys.stderr.write(f"litopys: {message}\n")
    raise typer.Exit(code)


def is_terminal() -> bool:
    """Answer whether somebody watches stderr: only then are there progress bars."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def is_coloured() -> bool:
    """Answer whether results may be coloured (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def painted(text: str, *, colour: str) -> str:
    """Return a text in a colour where colours may be."""
    return typer.style(text, fg=colour, bold=True) if is_coloured() else text
