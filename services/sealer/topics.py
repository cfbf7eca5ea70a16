"""Reading pieces of a topic of one partition, wherever they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from litopys.kafka.follower import Follower

if TYPE_CHECKING:
    from types import TracebackType

    from litopys.kafka.address import KafkaAddress

_READ_S = 0.5


class TopicReader:
    """Reads one partition at any place, for somebody who goes backwards. Raises what a Follower raises."""

    def __init__(self, kafka: KafkaAddress, client_id: str, topic: str) -> None:
        self._partition = (topic, 0)
        self._follower = Follower(kafka, client_id, {self._partition: 0})

    async def __aenter__(self) -> Self:
        """Use the reader for a block."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it at the end of the block."""
        await self._follower.close()

    async def end(self) -> int:
        """Return the offset after the last record."""
        return (await self._follower.watermarks())[self._partition][1]

    async def values(self, first: int, end: int) -> list[bytes]:
        """Return the values of the records from `first` to `end` (excluded), waiting until all are here."""
        await self._follower.seek({self._partition: first})
        values: list[bytes] = []
        while len(values) < end - first:
            values += [record.value for record in await self._follower.read(_READ_S)]
        return values[: end - first]
