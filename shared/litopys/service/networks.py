"""The network as a process reads it at its start: the network file, and the amendments that lie beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litopys.ledger.amending import amend_network
from litopys.ledger.network_file import parse_network

if TYPE_CHECKING:
    from pathlib import Path

    from litopys.ledger.network import Network

AMENDMENTS = "amendments"
"""The folder beside the network file; each `*.note` in it is one amendment (docs/spec/amendments.md)."""


def load_network(file: Path) -> Network:
    """Read a network file with its amendments. Raises Malformed, VerificationFailed, OSError."""
    notes = sorted((file.parent / AMENDMENTS).glob("*.note"))
    return amend_network(parse_network(file.read_bytes()), [note.read_bytes() for note in notes])
