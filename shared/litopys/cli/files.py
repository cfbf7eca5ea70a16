"""Reading what a command was given and writing what it makes, secrets for their owner alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from litopys.cli.console import WrongUse
from litopys.errors import Malformed
from litopys.ledger.amending import amend_network
from litopys.ledger.network_file import parse_network
from litopys.note.policies import Policy, parse_policy
from litopys.note.vkeys import Signer, parse_signer

if TYPE_CHECKING:
    from pathlib import Path

    from litopys.ledger.network import Network

AMENDMENTS = "amendments"
"""The folder beside a network file; each `*.note` in it is one amendment."""
SECRET_MODE = 0o600
PUBLIC_MODE = 0o644


def read_bytes(path: Path) -> bytes:
    """Read a file that was named on the command line; raises WrongUse."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise WrongUse(f"{path}: {error.strerror}") from error


def read_text(path: Path) -> str:
    """Read a text in UTF-8 that was named on the command line; raises WrongUse."""
    try:
        return read_bytes(path).decode()
    except UnicodeDecodeError as error:
        raise WrongUse(f"{path}: not a text") from error


def read_signer(path: Path) -> Signer:
    """Read a signer file; raises WrongUse without showing any of it."""
    try:
        return parse_signer(read_text(path))
    except Malformed as error:
        raise WrongUse(f"{path}: {error}") from error


def read_policy(path: Path) -> Policy:
    """Read a policy, or the policy of a network file; raises WrongUse."""
    text = read_text(path)
    try:
        return parse_network(text.encode()).policy() if text.startswith("{") else parse_policy(text)
    except Malformed as error:
        raise WrongUse(f"{path}: {error}") from error


def read_network(path: Path) -> Network:
    """Read a network file and the amendments in the folder beside it.

    Raises WrongUse for what is none, VerificationFailed for a proof or an amendment that does not hold.
    """
    notes = sorted((path.parent / AMENDMENTS).glob("*.note"))
    try:
        return amend_network(parse_network(read_bytes(path)), [read_bytes(note) for note in notes])
    except Malformed as error:
        raise WrongUse(f"{path}: {error}") from error


def write_new(path: Path, content: str | bytes, *, mode: int = PUBLIC_MODE) -> None:
    """Write a file that must not exist yet, with this mode from its first moment; raises WrongUse."""
    data = content.encode() if isinstance(content, str) else content
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise WrongUse(f"{path} is there already and stays as it is") from error
    except OSError as error:
        raise WrongUse(f"{path}: {error.strerror}") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def put_whole(path: Path, content: bytes) -> None:
    """Put a file in the place of another, as a whole or not at all: whoever is killed leaves what was there.

    Raises WrongUse.
    """
    scratch = path.with_name(f"{path.name}.new")
    try:
        with scratch.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except OSError as error:
        raise WrongUse(f"{path}: {error.strerror}") from error
