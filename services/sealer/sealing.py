"""Following the chain and, while elected, proposing the block after its newest one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from litopys.kafka.records import Outgoing
from litopys.kafka.topics import blocks_topic
from litopys.ledger.blocks import Block, format_block
from litopys.ledger.chain import Counted
from litopys.ledger.network import Network
from litopys.note.notes import Note, format_note, sign_text
from litopys.note.vkeys import Signer
from litopys.replica.follow import ChainFollower
from litopys.service import metrics
from litopys.service.logs import get_log
from services.sealer.composing import Limits, Partition, compose_block

_IDLE_S = 0.5
_log = get_log("sealing")


class Blocks(Protocol):
    """Where blocks are written to; `kafka.Publisher` is one."""

    async def publish(self, records: list[Outgoing]) -> list[int]:
        """Write records; returns their offsets. Raises Unavailable."""


class Sealing:
    """One sealer's view of the chain. Nothing here outlives the process."""

    def __init__(
        self,
        *,
        network: Network,
        signer: Signer,
        follower: ChainFollower,
        blocks: Blocks,
        limits: Limits,
        interval_s: float,
        is_leader: Callable[[], bool],
    ) -> None:
        self._network = network
        self._signer = signer
        self._follower = follower
        self._blocks = blocks
        self._limits = limits
        self._interval_s = interval_s
        self._is_leader = is_leader
        self._start: Partition | None = None
        self._waiting_since: float | None = None
        self._decided_to = -1
        """Offset on the blocks topic up to which it is known what counts."""
        self._proposed_at = -1
        """Offset of our newest proposal."""

    async def run(self) -> None:
        """Seal for ever. Raises what reading and writing raise: Unavailable, Halted."""
        while True:
            await self.step()

    async def step(self) -> None:
        """Take the next block that counts, or propose one if it is due, or wait for news."""
        counted = self._follower.take_block()
        for dropped in self._follower.take_dropped():
            metrics.BLOCKS_DROPPED.labels(dropped.reason).inc()
            self._decided_to = max(self._decided_to, dropped.offered.offset)
        if counted is not None:
            self._go_on_from(counted)
        elif self._is_due():
            await self._propose()
        else:
            self._watch(await self._follower.read(self._patience_s()))

    def _go_on_from(self, counted: Counted) -> None:
        self._decided_to = max(self._decided_to, counted.offset)
        self._waiting_since = time.monotonic() if self._follower.pending_records else None
        metrics.CHAIN_HEIGHT_BLOCKS.set(counted.block.height)
        metrics.BLOCK_EVENTS.observe(len(counted.records))

    def _watch(self, arrived: int) -> None:
        if arrived and self._waiting_since is None and self._follower.pending_records:
            self._waiting_since = time.monotonic()
        metrics.UNSEALED_AGE_SECONDS.set(self._age_s())

    def _age_s(self) -> float:
        return 0.0 if self._waiting_since is None else time.monotonic() - self._waiting_since

    def _patience_s(self) -> float:
        """How long reading may wait: until the interval ends, if a block is ours to propose."""
        if self._waiting_since is None or not self._may_propose():
            return _IDLE_S
        return max(0.001, self._interval_s - self._age_s())

    def _may_propose(self) -> bool:
        """Whether it is our turn and it is known what became of our last proposal."""
        is_open = self._decided_to < self._proposed_at or self._follower.waiting_blocks > 0
        return self._is_leader() and not is_open

    def _is_due(self) -> bool:
        if self._waiting_since is None or not self._may_propose():
            return False
        pending = self._follower.pending.values()
        return (
            self._age_s() >= self._interval_s
            or self._follower.pending_records >= self._limits.records
            or sum(window.size_bytes for window in pending) >= self._limits.size_bytes
        )

    async def _propose(self) -> None:
        composed = compose_block(
            origin=self._network.origin,
            head=self._follower.head,
            pending=self._follower.pending,
            limits=self._limits,
            start=self._start,
        )
        if composed is None:
            self._waiting_since = None
            return
        (self._proposed_at,) = await self._blocks.publish([self._record(composed.block)])
        self._start = composed.next_start
        metrics.SEAL_SECONDS.observe(self._age_s())
        _log.debug("proposed", height=composed.block.height, offset=self._proposed_at)

    def _record(self, block: Block) -> Outgoing:
        text = format_block(block)
        note = format_note(Note(text, (sign_text(self._signer, text),)))
        return Outgoing(blocks_topic(self._network.topics), 0, note, ())
