"""Records of the blocks topic that were passed over, kept until the next block that counts tells what they were."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from litopys.errors import Malformed
from litopys.ledger.chain import DroppedBlock, genesis
from litopys.ledger.evidence import EvidenceKind
from litopys.ledger.passed_over import Beside, Placed, Shown, height_of, judge_passed_over, signers_of
from litopys.note.notes import parse_note
from litopys.postgres.ledger_reading import read_block
from litopys.postgres.ledger_votes import EvidenceRow, read_firsts

if TYPE_CHECKING:
    from litopys.ledger.network import Network
    from litopys.postgres.ledger_store import BlockRow
    from litopys.postgres.pool import Connection

MAX_SUSPECTS: Final = 64


class Suspects:
    """What was passed over and not judged yet. Strangers' records never push out a listed sealer's."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._kept: deque[DroppedBlock] = deque(maxlen=MAX_SUSPECTS)

    def add(self, dropped: DroppedBlock) -> None:
        """Keep a record that somebody signed; of too many, the oldest is let go."""
        try:
            is_listed = bool(signers_of(parse_note(dropped.offered.note), self._network))
        except Malformed:
            return
        if is_listed or len(self._kept) < MAX_SUSPECTS:
            self._kept.append(dropped)

    def take_before(self, offset: int) -> list[DroppedBlock]:
        """Return, and forget, what stands before an offset of the blocks topic."""
        taken = [one for one in self._kept if one.offered.offset < offset]
        self._kept = deque((one for one in self._kept if one.offered.offset >= offset), maxlen=MAX_SUSPECTS)
        return taken

    def notes(self) -> list[bytes]:
        """Return the notes that are kept."""
        return [one.offered.note for one in self._kept]


async def judge_suspects(
    suspects: list[DroppedBlock], block: BlockRow, *, connection: Connection, network: Network
) -> list[EvidenceRow]:
    """Tell what the records show that were passed over before `block`, the next that counts and is stored with it.

    Only then does the place after them become durable, so that whoever is killed before finds them again.
    """
    following = Placed(block.height, block.note, block.text_hash)
    rows: list[EvidenceRow] = []
    for suspect in suspects:
        beside = await _beside(height_of(suspect.offered.note), following, connection, network)
        for shown in judge_passed_over(suspect.offered.note, suspect.reason, network=network, beside=beside):
            rows.append(_row(shown, suspect.offered.note))
            rows += await _twice(shown, suspect.offered.note, rows, connection)
    return rows


async def _beside(height: int | None, following: Placed, connection: Connection, network: Network) -> Beside:
    if height is None or height > following.height:
        return Beside(following, None, None)
    counted = following if height == following.height else await _placed(connection, height)
    before = genesis(network).hash if height == 0 else getattr(await _placed(connection, height - 1), "hash", None)
    return Beside(following, counted, before)


async def _placed(connection: Connection, height: int) -> Placed | None:
    row = await read_block(connection, height)
    return None if row is None else Placed(row.height, row.note, row.text_hash)


async def _twice(shown: Shown, raw: bytes, rows: list[EvidenceRow], connection: Connection) -> list[EvidenceRow]:
    """Find out whether a loser's signer lost the same race with another block: one key, two blocks, a lie."""
    if shown.kind is not EvidenceKind.LOST_RACE:
        return []
    others = [row.first for row in rows if (row.kind, row.who, row.second) == (shown.kind, shown.who, shown.second)]
    others += await read_firsts(connection, kind=shown.kind, who=shown.who, second=shown.second)
    mine = parse_note(raw).text
    return [
        EvidenceRow(EvidenceKind.TWO_BLOCKS, shown.who, None, "signed two different blocks for one height", raw, other)
        for other in others
        if parse_note(other).text != mine
    ][:1]


def _row(shown: Shown, raw: bytes) -> EvidenceRow:
    return EvidenceRow(shown.kind, shown.who, None, shown.detail, raw, shown.second)
