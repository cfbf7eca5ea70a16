"""Watching the network's topics: when a checkpoint becomes final, and (for display only) what blocks have named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litopys.errors import Malformed
from litopys.kafka.topics import blocks_topic, cosignatures_topic
from litopys.ledger.blocks import parse_block
from litopys.ledger.collector import CosignatureCollector
from litopys.note.notes import parse_note
from litopys.postgres.pool import durable_step
from litopys.postgres.sector_verdicts import store_sealed
from litopys.steps import Step, pass_on

if TYPE_CHECKING:
    from litopys.kafka.follower import Follower
    from litopys.kafka.records import RawRecord
    from litopys.ledger.network import Network
    from litopys.postgres.pool import Pool
    from litopys.steps import Passing


class Watch:
    """Follows blocks and cosignatures from their ends: what was final before is asked of a validator."""

    def __init__(
        self, *, network: Network, sector: str, pool: Pool, follower: Follower, passing: Passing = pass_on
    ) -> None:
        self._network = network
        self._sector = sector
        self._pool = pool
        self._passing = passing
        self._follower = follower
        self._collector = CosignatureCollector(network)

    @staticmethod
    def positions(network: Network) -> dict[tuple[str, int], int]:
        """Return the partitions to follow, at their beginnings; `start` moves to the ends."""
        return {(blocks_topic(network.topics), 0): 0, (cosignatures_topic(network.topics), 0): 0}

    async def start(self) -> None:
        """Move to the ends of the topics. Raises Unavailable."""
        ends = await self._follower.watermarks()
        await self._follower.seek({key: end for key, (_, end) in ends.items()})

    async def read(self, timeout_s: float) -> int:
        """Read what is new; returns the tree size of the newest checkpoint seen final and signed by the log, or 0."""
        sealed: dict[int, int] = {}
        for record in await self._follower.read(timeout_s):
            if record.topic == blocks_topic(self._network.topics):
                sealed |= self._sealed_in(record)
            else:
                self._collector.offer(record.value)
        if sealed:
            async with durable_step(self._pool, Step.NAMED, self._passing) as connection:
                await store_sealed(connection, sealed)
        published = self._collector.published()
        return published.checkpoint.size if published else 0

    def _sealed_in(self, record: RawRecord) -> dict[int, int]:
        """Return the ends that a block names for our partitions; a record that is no block names none."""
        try:
            block = parse_block(parse_note(record.value).text)
        except Malformed:
            return {}
        if block.origin != self._network.origin:
            return {}
        return {part.partition: part.end for part in block.ranges if part.sector == self._sector}
