"""Following the chain and, while elected, proposing its next block; one proposal at a time.

What is published need not count. Whether it did is learnt like everybody else learns it: by following the chain.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

from litopys.errors import Unavailable
from litopys.ledger.blocks import format_block
from litopys.note.notes import Note, format_note, sign_text
from litopys.service import metrics
from litopys.service.logs import get_log
from litopys.service.measuring import measure_key
from litopys.service.tracing import parse_traceparent, record_span
from services.sealer.ages import Ages
from services.sealer.composing import Limits, Turns, compose

if TYPE_CHECKING:
    from litopys.ledger.blocks import Block
    from litopys.ledger.chain import Counted, DroppedBlock
    from litopys.ledger.network import Network
    from litopys.note.vkeys import Signer
    from litopys.replica.follow import ChainFollower
    from services.sealer.settings import SealerSettings
    from services.sealer.standing import Standing

LONGEST_READ_S = 0.25
SHORTEST_READ_S = 0.002

_log = get_log("proposing")


class BlocksPort(Protocol):
    """The blocks topic as a proposer needs it."""

    async def publish(self, note: bytes) -> int:
        """Write a block; returns its offset. Raises Unavailable, where it may or may not have been written."""

    async def end(self) -> int:
        """Return the offset after the topic's last record. Raises Unavailable."""

    @property
    def position(self) -> int:
        """How far the chain's follower has read the topic."""


class Seat(Protocol):
    """Whether it is our turn to propose."""

    @property
    def is_elected(self) -> bool:
        """Whether this sealer proposes."""

    def give_way(self) -> None:
        """Hear that a block of another sealer counts."""


class Proposal(NamedTuple):
    """A block of ours under way."""

    block: Block
    note: bytes
    began: float


class Proposer:
    """Runs one sealer's share in the chain. Times are seconds of a monotonic clock."""

    def __init__(
        self,
        *,
        network: Network,
        signer: Signer,
        settings: SealerSettings,
        chain: ChainFollower,
        blocks: BlocksPort,
        seat: Seat,
        standing: Standing,
    ) -> None:
        self._network = network
        self._signer = signer
        self._settings = settings
        self._chain = chain
        self._blocks = blocks
        self._seat = seat
        self._standing = standing
        self._limits = Limits(settings.seal_max_records, settings.seal_max_bytes)
        self._turns = Turns()
        self._ages = Ages()
        self._proposal: Proposal | None = None
        self._publishing: asyncio.Task[int] | None = None
        self._must_read_to: int | None = None
        self._sealed_at = -1e9
        self._terms = [one.term for one in network.sealers if one.key.vkey == signer.vkey]
        measure_key(self._terms, height=chain.head.height)

    async def run(self) -> None:
        """Follow and propose, for ever. Raises Unavailable, Halted."""
        try:
            while True:
                await self._chain.read(self._patience_s())
                self._take_blocks()
                await self._look_at_seat()
                self._look_at_publishing()
                self._measure()
                if self._may_propose() and self._is_due():
                    self._propose()
        finally:
            if self._publishing is not None:
                self._publishing.cancel()

    def _take_blocks(self) -> None:
        while (counted := self._chain.take_block()) is not None:
            self._count(counted)
        for dropped in self._chain.take_dropped():
            self._drop(dropped)
        self._ages.look(self._chain.pending, time.monotonic())

    def _count(self, counted: Counted) -> None:
        if f"— {self._signer.vkey.name} ".encode() not in counted.note:
            self._seat.give_way()
        self._turns.count(counted.block)
        self._standing.height = counted.block.height
        metrics.CHAIN_HEIGHT_BLOCKS.set(counted.block.height)
        measure_key(self._terms, height=counted.block.height)
        metrics.BLOCK_EVENTS.observe(len(counted.records))
        _log.debug("block counts", height=counted.block.height, offset=counted.offset, events=len(counted.records))
        self._sealed_at = time.monotonic()
        self._standing.pace.counted(self._sealed_at)
        if self._proposal is not None and counted.block.height >= self._proposal.block.height:
            if counted.hash == self._proposal.block.hash:
                self._tell_sealed(counted, time.monotonic() - self._proposal.began)
            self._proposal = None

    def _tell_sealed(self, counted: Counted, lasted_s: float) -> None:
        metrics.SEAL_SECONDS.observe(lasted_s)
        for context in self._chain.traces:
            told = {"litopys.sealer": self._settings.name, "litopys.block.height": counted.block.height}
            record_span("seal", parent=parse_traceparent(context), lasted_s=lasted_s, attributes=told)

    def _drop(self, dropped: DroppedBlock) -> None:
        metrics.BLOCKS_DROPPED.labels(dropped.reason.value).inc()
        if self._proposal is not None and dropped.offered.note == self._proposal.note:
            height = self._proposal.block.height
            _log.warning("a block of ours does not count", height=height, reason=dropped.reason.value)
            self._proposal = self._standing.proposed = None

    async def _look_at_seat(self) -> None:
        """When elected, learn how far the blocks topic goes: nothing is proposed before it is read to there."""
        if self._seat.is_elected and not self._standing.is_leader:
            self._must_read_to = await self._blocks.end()
        if self._seat.is_elected != self._standing.is_leader:
            self._standing.lead(is_leader=self._seat.is_elected)
            _log.info("elected" if self._seat.is_elected else "stands by", height=self._chain.head.height)

    def _look_at_publishing(self) -> None:
        if self._publishing is None or not self._publishing.done():
            return
        publishing, self._publishing = self._publishing, None
        try:
            publishing.result()
        except Unavailable as error:
            self._proposal = None  # it may yet turn up and count; else the same block is proposed again
            _log.warning("a block was not published", error=str(error))

    def _may_propose(self) -> bool:
        if self._must_read_to is not None and self._blocks.position >= self._must_read_to:
            self._must_read_to = None
        is_read = self._must_read_to is None and not self._chain.waiting_blocks
        is_free = self._proposal is None and self._publishing is None
        return self._standing.is_leader and is_read and is_free and self._is_in_force()

    def _is_in_force(self) -> bool:
        return self._signer.vkey in self._network.sealer_keys(self._chain.head.height + 1)

    def _is_due(self) -> bool:
        if not self._chain.pending_records:
            return False
        if self._chain.pending_records >= self._limits.records:
            return True
        if sum(window.size_bytes for window in self._chain.pending.values()) >= self._limits.bytes:
            return True
        return time.monotonic() >= self._due_at()

    def _due_at(self) -> float:
        """When what is pending must be sealed, full block or not."""
        now = time.monotonic()
        oldest = self._ages.oldest()
        first = now if oldest is None else oldest
        interval_s = self._settings.seal_interval_ms / 1_000 * self._standing.pace.factor
        return max(first + self._settings.seal_delay_ms / 1_000, self._sealed_at + interval_s)

    def _propose(self) -> None:
        block = self._signed_before() or compose(
            network=self._network,
            head=self._chain.head,
            pending=self._chain.pending,
            turns=self._turns,
            limits=self._limits,
        )
        if block is None:
            return
        self._standing.proposed = block
        text = format_block(block)
        note = format_note(Note(text, (sign_text(self._signer, text),)))
        began = self._ages.oldest()
        self._proposal = Proposal(block, note, time.monotonic() if began is None else began)
        self._publishing = asyncio.create_task(self._blocks.publish(note))

    def _signed_before(self) -> Block | None:
        """Return the block that we have signed for the next height: two of them by one key would be a lie."""
        before, head = self._standing.proposed, self._chain.head
        if before is None or (before.height, before.previous) != (head.height + 1, head.hash):
            return None
        return before

    def _patience_s(self) -> float:
        """How long the next read may wait for something to come."""
        if not self._may_propose() or not self._chain.pending_records:
            return LONGEST_READ_S
        return min(LONGEST_READ_S, max(SHORTEST_READ_S, self._due_at() - time.monotonic()))

    def _measure(self) -> None:
        oldest = self._ages.oldest()
        metrics.UNSEALED_EVENTS.set(self._chain.pending_records)
        metrics.UNSEALED_AGE_SECONDS.set(0 if oldest is None else time.monotonic() - oldest)
