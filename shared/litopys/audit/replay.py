"""Going through a ledger block by block as a validator did: chain, digests, admission, tree. No I/O but the scratch."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from litopys.audit.records import Place, Signed, check_digests, rebuild_records
from litopys.audit.rules import AtTheirWord
from litopys.errors import Malformed, VerificationFailed
from litopys.ledger.admission import BlockVerdict, Examiner, judge
from litopys.ledger.blocks import parse_block
from litopys.ledger.chain import Chain, ChainHead, Counted, Dropped, genesis
from litopys.note.notes import parse_note
from litopys.tlog.hashing import HASH_SIZE
from litopys.tlog.tiles import TILE_WIDTH
from litopys.tlog.tree import GrownTile, TreeEdge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litopys.audit.rules import RuleBook
    from litopys.audit.scratch import ScratchStreams
    from litopys.ledger.blocks import Block, Range
    from litopys.ledger.network import Network
    from litopys.ledger.records import Record

_WORDS = {
    Dropped.MALFORMED: "is no block's note",
    Dropped.ORIGIN: "is of another network",
    Dropped.HEIGHT: "is not for the next height",
    Dropped.SIGNATURE: "carries no valid signature of a sealer in force at its height",
    Dropped.PREVIOUS: "does not name the hash of the block before it",
    Dropped.AMENDMENT: "does not name the newest amendment in force at its height, as far as amendments were given",
    Dropped.RANGE: "does not go on where the ranges before it ended",
}


class Kept(NamedTuple):
    """A refused record as it was kept, and the reason that was stored with it."""

    signature: bytes
    value: bytes
    reason: str


class Recomputed(NamedTuple):
    """All that follows from a block's raw bytes."""

    counted: Counted
    verdict: BlockVerdict
    first_index: int
    size: int
    root: bytes
    tiles: list[GrownTile]


class Replay:
    """Recomputes block after block. After an error it cannot go on: what follows would rest on nothing."""

    def __init__(self, *, network: Network, rules: RuleBook, streams: ScratchStreams) -> None:
        self._chain = Chain(network, genesis(network))
        self._rules = rules
        self._streams = streams
        self._examiner = Examiner(network)
        self.edge = TreeEdge()
        self.partial: dict[int, GrownTile] = {}
        """By level, the tile at the right edge; none where it ends with a full one."""

    @property
    def head(self) -> ChainHead:
        """The last block that was recomputed."""
        return self._chain.head

    def step(self, note: bytes, *, bodies: Sequence[bytes], refused: Mapping[Place, Kept]) -> Recomputed:
        """Recompute the next block from its note, its events' entries and its refused records.

        Raises VerificationFailed where these are not the bytes that the sealer bound together.
        """
        counted = self._count(note, bodies, refused)
        rules = self._rules.at(counted.block)
        for sector, one in rules.items():
            if isinstance(one, AtTheirWord):
                one.believe((kept.reason, kept.value) for place, kept in refused.items() if place[0] == sector)
        examined = self._examiner.examine(counted.records, height=counted.block.height, rules=rules)
        streams = self._streams.load(examined, rules)
        first_index = self.edge.size
        verdict = judge(examined, block=counted.block, first_index=first_index, streams=streams, rules=rules)
        sectors = {one.event.subject: one.record.sector for one in examined if one.reason is None and one.event}
        self._streams.store(verdict.changed, sectors=sectors, rules=rules)
        tiles = self.edge.append(verdict.leaf_hashes)
        for tile in tiles:
            if is_full(tile):
                self.partial.pop(tile.level, None)
            else:
                self.partial[tile.level] = tile
        return Recomputed(counted, verdict, first_index, self.edge.size, self.edge.root(), tiles)

    def _count(self, note: bytes, bodies: Sequence[bytes], refused: Mapping[Place, Kept]) -> Counted:
        """Let the chain rule say whether this block counts, with the records rebuilt."""
        try:
            block = parse_block(parse_note(note).text)
        except Malformed as error:
            raise VerificationFailed(f"the note is no block's note: {error}") from error
        records = rebuild_records(block, bodies, {place: Signed(*kept[:2]) for place, kept in refused.items()})
        self._chain.offer(self.head.height + 1, note)
        counted = self._chain.next(_Holder(block, records).take)
        if counted is None:
            reason = self._chain.take_dropped()[0].reason
            if reason == Dropped.DIGEST:
                check_digests(block, records)
            raise VerificationFailed(f"the note {_WORDS[reason]}")
        return counted


def is_full(tile: GrownTile) -> bool:
    """Answer whether a tile never changes again."""
    return len(tile.hashes) == TILE_WIDTH * HASH_SIZE


class _Holder:
    """Hands out a block's rebuilt records range by range."""

    def __init__(self, block: Block, records: Sequence[Record]) -> None:
        self._starts: dict[Range, int] = {}
        start = 0
        for part in block.ranges:
            self._starts[part] = start
            start += part.end - part.first
        self._records = records

    def take(self, part: Range) -> Sequence[Record]:
        """Return the records of a range of this block."""
        start = self._starts[part]
        return self._records[start : start + part.end - part.first]
