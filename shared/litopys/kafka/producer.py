"""Writing records: one idempotent producer a process; an answer means that every in-sync replica has them.

Delivery time has no limit: after an outage the client goes on by itself, in order, and writes nothing twice. Whoever
gives up waiting (or is killed) learns what was written by reading the topic, never by guessing.
"""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from litopys.errors import Malformed, Unavailable
from litopys.kafka.address import KafkaAddress
from litopys.kafka.faults import TOO_LARGE, RecordTooLarge
from litopys.kafka.records import Outgoing
from litopys.kafka.settings import Settings, producer_settings
from litopys.kafka.statistics import ClientWatch

MAX_QUEUED_RECORDS = 100_000
MAX_QUEUED_BYTES = 256 * 1024 * 1024
POLL_S = 0.1


class Publisher:
    """The process's producer. Use it from one event loop; `publish` may be called by several tasks at once."""

    def __init__(self, kafka: KafkaAddress, client_id: str):
        self._settings = producer_settings(kafka, client_id)
        self._line: _Line | None = None

    async def __aenter__(self) -> Self:
        """Use the publisher for a block."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it at the end of the block."""
        await self.close()

    async def publish(self, records: Sequence[Outgoing]) -> list[int]:
        """Write all records, in order per partition, and answer their offsets once all are acknowledged.

        Raises Unavailable when the queue is full (nothing of `records` was taken then) or when the producer broke, in
        which case any of them may or may not be written: read the topic. Raises RecordTooLarge. To cancel the call
        takes nothing back.
        """
        if not records:
            return []
        if self._line is None or self._line.is_broken:
            await self.close()
            self._line = _Line(self._settings)
        return await self._line.send(records)

    async def close(self, flush_timeout_s: float = 0.0) -> None:
        """Stop; what is still queued after `flush_timeout_s` is not written. Another `publish` would start anew."""
        line, self._line = self._line, None
        if line is not None:
            await asyncio.to_thread(line.close, flush_timeout_s)


class _Line:
    """One librdkafka producer with the thread that takes its delivery reports; broken for good by a fatal error."""

    def __init__(self, settings: Settings):
        self._watch = ClientWatch()
        self._fatal: KafkaError | None = None
        self._producer = Producer(self._watch.settings(settings))
        self._is_closed = False
        self.is_broken = False
        self._queued_bytes = 0
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._take_reports, name="publish", daemon=True)
        self._thread.start()

    async def send(self, records: Sequence[Outgoing]) -> list[int]:
        size = sum(len(record.value) for record in records)
        if len(self._producer) + len(records) > MAX_QUEUED_RECORDS or self._queued_bytes + size > MAX_QUEUED_BYTES:
            raise Unavailable("too much waits to be written to Kafka")
        delivery = _Delivery(self._loop, len(records))
        self._queued_bytes += size
        try:
            for index, record in enumerate(records):
                self._produce(record, partial(delivery.report, index))
            return await delivery.done
        except KafkaException as error:
            self.is_broken = self.is_broken or error.args[0].fatal()
            raise _fate(self._fatal or error.args[0]) from error
        finally:
            self._queued_bytes -= size

    def _produce(self, record: Outgoing, report: "partial[None]") -> None:
        try:
            self._producer.produce(
                record.topic, record.value, partition=record.partition, headers=list(record.headers), on_delivery=report
            )
        except BufferError as error:
            # Part of the list was taken: only a new producer may follow, once the topic has been read.
            self.is_broken = True
            raise Unavailable("the producer's queue is full") from error

    def _take_reports(self) -> None:
        while not self._is_closed:
            try:
                self._producer.poll(POLL_S)
            except KafkaException as error:  # the client raises what is fatal, once, and tells no callback
                self._fatal, self.is_broken = error.args[0], True
            if self._fatal is not None:
                # By itself the client would keep for ever what it can no longer send.
                self._producer.purge()

    def close(self, flush_timeout_s: float) -> None:
        """Blocks up to `flush_timeout_s`; whoever still waits for a delivery hears that it was given up."""
        with suppress(KafkaException):  # what is fatal only now: the second flush tells those who wait
            self._producer.flush(flush_timeout_s)
        self._producer.purge()
        self._producer.flush(1.0)
        self._is_closed = True
        self._thread.join()
        self._watch.close()


class _Delivery:
    """The reports of one call: filled in the polling thread, told to the loop once, when all are in."""

    def __init__(self, loop: asyncio.AbstractEventLoop, count: int):
        self._loop = loop
        self._missing = count
        self._offsets = [-1] * count
        self._error: KafkaError | None = None
        self.done: asyncio.Future[list[int]] = loop.create_future()

    def report(self, index: int, error: KafkaError | None, message: Message) -> None:
        """Take the report of the record at `index` of the call; the first error is the one that is told."""
        self._offsets[index] = message.offset() if error is None else -1  # type: ignore[assignment]
        self._error = self._error or error
        self._missing -= 1
        if self._missing == 0:
            self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        if self.done.done():
            return
        if self._error is None:
            self.done.set_result(self._offsets)
        else:
            self.done.set_exception(KafkaException(self._error))


def _fate(error: KafkaError) -> Malformed | Unavailable:
    if error.code() in TOO_LARGE:
        return RecordTooLarge(f"Kafka refuses a record: {error}")
    return Unavailable(f"Kafka did not take all records: {error}")
