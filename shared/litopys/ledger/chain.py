"""Which block counts: the first valid one for the next height (docs/spec/blocks-and-admission.md).

A pure state machine over the blocks topic, read once and forward. It waits while records are missing and never skips
for a local reason, so that every reader of the same topics comes to the same chain.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from litopys.errors import Malformed, VerificationFailed
from litopys.ledger.blocks import Block, Range, parse_block
from litopys.ledger.network import Network
from litopys.ledger.records import Record, range_digest
from litopys.note.notes import Note, parse_note, plain_checks, verify_note

Partition = tuple[str, int]
Have = Callable[[Range], Sequence[Record] | None]
"""Hands out the records of a range, all of them and in order, or None while any of them is not here yet."""


class Dropped(StrEnum):
    """Why a record of the blocks topic does not count."""

    MALFORMED = "malformed"
    ORIGIN = "origin"
    HEIGHT = "height"
    SIGNATURE = "signature"
    PREVIOUS = "previous"
    AMENDMENT = "amendment"
    RANGE = "range"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The newest block that counts: its height (−1 before block 0), its hash, and each partition's next offset."""

    height: int
    hash: bytes
    ends: Mapping[Partition, int]


class Offered(NamedTuple):
    """A record of the blocks topic: where it stands and what it holds."""

    offset: int
    note: bytes


class Counted(NamedTuple):
    """A block that counts, with its note as it arrived, its place in the blocks topic, and its records in order."""

    block: Block
    hash: bytes
    note: bytes
    offset: int
    records: list[Record]


class DroppedBlock(NamedTuple):
    """A record of the blocks topic that was passed over for good, and why."""

    offered: Offered
    reason: Dropped


def genesis(network: Network) -> ChainHead:
    """Return the head before block 0: its hash is that of the network file."""
    return ChainHead(-1, network.digest, {})


class Chain:
    """Reads the blocks topic: `offer` what arrives, ask `next` for what counts, collect `dropped` for the metrics."""

    def __init__(self, network: Network, head: ChainHead) -> None:
        """Go on from a head; offer the records of the blocks topic that stand after its block's."""
        self._network = network
        self._head = head
        self._queue: deque[Offered] = deque()
        self._front: _Front | None = None
        self._dropped: list[DroppedBlock] = []

    @property
    def head(self) -> ChainHead:
        """The newest block that counts so far."""
        return self._head

    @property
    def waiting(self) -> int:
        """How many records of the blocks topic have not been decided."""
        return len(self._queue)

    @property
    def awaited(self) -> tuple[Range, ...]:
        """The ranges of the block at the front whose records were missing when `next` last looked."""
        return () if self._front is None else tuple(self._front.missing.values())

    def offer(self, offset: int, note: bytes) -> None:
        """Queue a record of the blocks topic; an absent value is an empty one. In the order of offsets."""
        self._queue.append(Offered(offset, note))

    def next(self, have: Have) -> Counted | None:
        """Return the next block that counts and go on from it, or None while records or blocks are missing."""
        while self._queue:
            reason = self._look(self._queue[0], have)
            if reason is not None:
                self._dropped.append(DroppedBlock(self._queue.popleft(), reason))
                self._front = None
            elif self._front is not None and not self._front.missing:
                return self._count(self._front)
            else:
                return None
        return None

    def take_dropped(self) -> list[DroppedBlock]:
        """Return what was passed over since this was last asked."""
        dropped, self._dropped = self._dropped, []
        return dropped

    def _look(self, offered: Offered, have: Have) -> Dropped | None:
        """Look at the record at the front: a reason to drop it, or what it still waits for in `_front`."""
        if self._front is None:
            outcome = self._open(offered)
            if isinstance(outcome, Dropped):
                return outcome
            self._front = outcome
        return None if self._front.fetch(have) else Dropped.DIGEST

    def _open(self, offered: Offered) -> "_Front | Dropped":
        """Check all of a block but its records."""
        try:
            note = parse_note(offered.note)
            block = parse_block(note.text)
        except Malformed:
            return Dropped.MALFORMED
        if block.origin != self._network.origin:
            return Dropped.ORIGIN
        if block.height != self._head.height + 1:
            return Dropped.HEIGHT
        if not self._is_signed(note, block.height):
            return Dropped.SIGNATURE
        if block.previous != self._head.hash:
            return Dropped.PREVIOUS
        if block.amendment != self._network.amendment(block.height):
            return Dropped.AMENDMENT
        if not all(self._continues(part) for part in block.ranges):
            return Dropped.RANGE
        return _Front(offered, block, sha256(note.text).digest())

    def _is_signed(self, note: Note, height: int) -> bool:
        try:
            return bool(verify_note(note, plain_checks(*self._network.sealer_keys(height))))
        except VerificationFailed:
            return False

    def _continues(self, part: Range) -> bool:
        """Answer whether a range starts where its partition's last one ended."""
        place = (part.sector, part.partition)
        return self._network.has_partition(*place) and part.first == self._head.ends.get(place, 0)

    def _count(self, front: "_Front") -> Counted:
        """Make the block at the front the head."""
        offered = self._queue.popleft()
        self._front = None
        ends = dict(self._head.ends)
        ends.update({(part.sector, part.partition): part.end for part in front.block.ranges})
        self._head = ChainHead(front.block.height, front.hash, ends)
        return Counted(front.block, front.hash, offered.note, offered.offset, front.records())


class _Front:
    """The block at the front of the queue while its records come in; each range is digested once."""

    def __init__(self, offered: Offered, block: Block, block_hash: bytes) -> None:
        self.offered = offered
        self.block = block
        self.hash = block_hash
        self.missing: dict[int, Range] = dict(enumerate(block.ranges))
        self._found: dict[int, Sequence[Record]] = {}

    def fetch(self, have: Have) -> bool:
        """Take in what is here; answer whether every digest so far matches.

        One digest that differs decides, whatever else is missing: no later record could change it.
        """
        for place, part in list(self.missing.items()):
            records = have(part)
            if records is None or len(records) < part.end - part.first:
                continue
            if range_digest(records) != part.digest:
                return False
            self._found[place] = records
            del self.missing[place]
        return True

    def records(self) -> list[Record]:
        """All records, in the order of ranges and offsets."""
        return [record for place in range(len(self.block.ranges)) for record in self._found[place]]
