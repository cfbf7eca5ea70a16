"""A counted block's way through admission and tree to the rows that are stored. No I/O but one query for streams."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, NamedTuple

from litopys.kafka.topics import blocks_topic, events_topic
from litopys.ledger.admission import BlockVerdict, Examiner, judge
from litopys.postgres.ledger_store import (
    BlockRow,
    BlockWrite,
    EntryRow,
    PositionRow,
    RejectionRow,
    TileRow,
)
from litopys.replica.streams import format_streams, sectors_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from litopys.ledger.blocks import Block
    from litopys.ledger.chain import Counted
    from litopys.ledger.network import Network
    from litopys.postgres.pool import Connection
    from litopys.replica.streams import StreamStandings
    from litopys.sourcing import Domain
    from litopys.tlog.tree import GrownTile, TreeEdge


class Took(NamedTuple):
    """How long a block was worked on, in seconds: judged, and hashed into the tree."""

    admit_s: float = 0.0
    tree_s: float = 0.0


class Admitted(NamedTuple):
    """A judged block: its verdict, and the rows to be stored (its vote is not made)."""

    verdict: BlockVerdict
    write: BlockWrite
    took: Took = Took()


class Admission:
    """Judges the blocks of one network one after the other on top of a tree edge that it moves along.

    After an error its memory no longer agrees with the database: make a new one from what is stored.
    """

    def __init__(
        self,
        *,
        network: Network,
        load_domain: Callable[[str, int], Domain],
        edge: TreeEdge,
        standings: StreamStandings,
    ) -> None:
        self._network = network
        self._load_domain = load_domain
        self._edge = edge
        self._standings = standings
        self._examiner = Examiner(network)
        self._domains: dict[tuple[str, int], Domain] = {}

    @property
    def size(self) -> int:
        """The tree size after the last admitted block."""
        return self._edge.size

    @property
    def root(self) -> bytes:
        """The root after the last admitted block."""
        return self._edge.root()

    async def admit(self, counted: Counted, connection: Connection) -> Admitted:
        """Judge a block and move on after it.

        Raises Unavailable where this build lacks the rules in force or the database is away; Halted where a rule ate
        the machine.
        """
        started = time.perf_counter()
        rules = self.rules(counted.block)
        examined = self._examiner.examine(counted.records, height=counted.block.height, rules=rules)
        streams = await self._standings.load(connection, examined, rules=rules)
        verdict = judge(examined, block=counted.block, first_index=self._edge.size, streams=streams, rules=rules)
        self._standings.hold(verdict.changed)
        judged = time.perf_counter()
        tiles = self._edge.append(verdict.leaf_hashes)
        took = Took(judged - started, time.perf_counter() - judged)
        write = self._place(counted, verdict, tiles)
        stored = {subject for subject, stream in streams.items() if stream.version}
        rows = format_streams(verdict.changed, rules=rules, sectors=sectors_of(examined))
        return Admitted(
            verdict,
            dataclasses.replace(
                write,
                new_streams=[row for row in rows if row.subject not in stored],
                streams=[row for row in rows if row.subject in stored],
            ),
            took,
        )

    def rules(self, block: Block) -> dict[str, Domain]:
        """Return the rules in force at a block for the sectors that it has records of."""
        return {sector: self._domain(sector, block.height) for sector in {part.sector for part in block.ranges}}

    def _domain(self, sector: str, height: int) -> Domain:
        version = self._network.rules(sector, height)
        if (sector, version) not in self._domains:
            self._domains[sector, version] = self._load_domain(sector, version)
        return self._domains[sector, version]

    def _place(self, counted: Counted, verdict: BlockVerdict, tiles: Sequence[GrownTile]) -> BlockWrite:
        """Put together the rows of a block, those of its streams left out; the edge stands after it."""
        first_index = verdict.block_entry.first_index
        return BlockWrite(
            block=BlockRow(
                height=counted.block.height,
                note=counted.note,
                text_hash=counted.hash,
                blocks_offset=counted.offset if counted.offset >= 0 else None,
                first_index=first_index,
                size=self.size,
                root=self.root,
                rejected=len(verdict.refusals),
            ),
            entries=_entry_rows(first_index, verdict),
            tiles=[TileRow(tile.level, tile.index, tile.hashes) for tile in tiles],
            new_streams=(),
            streams=(),
            rejections=_rejection_rows(counted.block.height, verdict),
            positions=self._positions(counted),
            vote=None,
        )

    def _positions(self, counted: Counted) -> list[PositionRow]:
        prefix = self._network.topics
        positions = [
            PositionRow(events_topic(prefix, part.sector), part.partition, part.end) for part in counted.block.ranges
        ]
        if counted.offset < 0:  # taken from a peer that did not say where it stands
            return positions
        return [*positions, PositionRow(blocks_topic(prefix), 0, counted.offset + 1)]

    def stored(self, write: BlockWrite) -> None:
        """Note that the oldest block not yet noted is in the database."""
        self._standings.release([*write.new_streams, *write.streams])


def _entry_rows(first_index: int, verdict: BlockVerdict) -> list[EntryRow]:
    previous = [placement.previous_index for placement in verdict.placements]
    return [
        EntryRow(index, body, before)
        for index, (body, before) in enumerate(zip(verdict.entries, [*previous, None], strict=True), first_index)
    ]


def _rejection_rows(height: int, verdict: BlockVerdict) -> list[RejectionRow]:
    return [
        RejectionRow(
            height,
            number,
            refusal.record.sector,
            refusal.record.partition,
            refusal.record.offset,
            str(refusal.rejection.reason),
            refusal.record.signature,
            refusal.record.value,
            refusal.event.subject if refusal.event else None,
            refusal.event.streamversion if refusal.event else None,
        )
        for number, refusal in enumerate(verdict.refusals)
    ]
