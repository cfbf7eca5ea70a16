"""Evidence that is found by comparing what arrived with what is stored."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from litopys.errors import Malformed, VerificationFailed
from litopys.ledger.blocks import parse_block
from litopys.note.notes import parse_note, plain_checks, verify_note
from litopys.postgres.ledger_reading import read_block
from litopys.postgres.ledger_votes import EvidenceRow
from litopys.replica.finality import EvidenceKind

if TYPE_CHECKING:
    from litopys.ledger.network import Network
    from litopys.postgres.pool import Connection


async def second_block(raw: bytes, connection: Connection, network: Network) -> EvidenceRow | None:
    """Compare a block that was passed over with the one that counts at its height; None where nothing is to be said.

    Only what a sealer in force has validly signed says anything.
    """
    try:
        note = parse_note(raw)
        block = parse_block(note.text)
        lines = verify_note(note, plain_checks(*network.sealer_keys(block.height)))
    except (Malformed, VerificationFailed):
        return None
    counted = await read_block(connection, block.height)
    if (
        not lines
        or block.origin != network.origin
        or counted is None
        or counted.text_hash == sha256(note.text).digest()
    ):
        return None
    detail = f"signed another block for height {block.height} than the one that counts"
    return EvidenceRow(EvidenceKind.TWO_BLOCKS, lines[0].name, None, detail, raw, counted.note)
