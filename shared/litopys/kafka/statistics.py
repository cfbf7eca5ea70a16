"""What librdkafka tells of its clients every few seconds, summed over those of this process.

The client hands out a JSON text of some tens of kilobytes; of it only what is named below is read.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

INTERVAL_MS = 5_000
_MICROSECONDS = 1_000_000
_MILLISECONDS = 1_000

_LOGGER = logging.getLogger("litopys.kafka")


class _Window(msgspec.Struct):
    p99: int = 0
    max: int = 0


class _Broker(msgspec.Struct):
    txerrs: int = 0
    rxerrs: int = 0
    req_timeouts: int = 0
    connects: int = 0
    disconnects: int = 0
    rtt: _Window = msgspec.field(default_factory=_Window)  # microseconds
    throttle: _Window = msgspec.field(default_factory=_Window)  # milliseconds


class _Partition(msgspec.Struct):
    hi_offset: int = -1


class _Topic(msgspec.Struct):
    partitions: dict[str, _Partition] = {}


class _Statistics(msgspec.Struct):
    msg_cnt: int = 0
    tx_bytes: int = 0
    rx_bytes: int = 0
    brokers: dict[str, _Broker] = {}
    topics: dict[str, _Topic] = {}


_decoder = msgspec.json.Decoder(_Statistics)


class Counts(NamedTuple):
    """What only grows."""

    sent_bytes: int = 0
    received_bytes: int = 0
    request_errors: int = 0
    connects: int = 0
    disconnects: int = 0


class Totals(NamedTuple):
    """All clients of this process, closed ones counted in; times in seconds, of the slowest broker."""

    counts: Counts
    queue_records: int
    lag_records: int
    round_trip_s: float
    throttle_s: float


class ClientWatch:
    """Hears the statistics of one client from its first poll to `close`.

    `positions` are the offsets that a reader reads next, by topic and partition; they are looked at in its own thread.
    """

    def __init__(self, positions: Mapping[tuple[str, int], int] | None = None) -> None:
        self._positions = positions or {}
        self._counts = Counts()
        self.queue_records = 0
        self.lag_records = 0
        self.round_trip_s = 0.0
        self.throttle_s = 0.0
        _watches.add(self)

    def settings(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return a client's settings with which it tells this watch."""
        return {**settings, "statistics.interval.ms": INTERVAL_MS, "stats_cb": self.hear}

    def hear(self, text: str) -> None:
        """Take in what the client tells. Never raises: it is called within the client's poll."""
        try:
            self._take(_decoder.decode(text))
        except (msgspec.MsgspecError, ValueError) as error:
            _LOGGER.warning("kafka: statistics are not readable: %s", error)

    def close(self) -> None:
        """Forget how the client stands; what it counted stays counted."""
        _watches.discard(self)

    def _take(self, told: _Statistics) -> None:
        brokers = told.brokers.values()
        counts = Counts(
            told.tx_bytes,
            told.rx_bytes,
            sum(broker.txerrs + broker.rxerrs + broker.req_timeouts for broker in brokers),
            sum(broker.connects for broker in brokers),
            sum(broker.disconnects for broker in brokers),
        )
        # A broker that is forgotten takes its counts with it: no reason to count backwards.
        _add(Counts(*(max(0, new - old) for new, old in zip(counts, self._counts, strict=True))))
        self._counts = counts
        self.queue_records = told.msg_cnt
        self.lag_records = self._lag(told)
        self.round_trip_s = max((broker.rtt.p99 for broker in brokers), default=0) / _MICROSECONDS
        self.throttle_s = max((broker.throttle.max for broker in brokers), default=0) / _MILLISECONDS

    def _lag(self, told: _Statistics) -> int:
        """Count what stands between the next offset to read and the end, on partitions of which an end is known."""
        lag = 0
        for (topic, partition), position in self._positions.items():
            known = told.topics.get(topic)
            end = known.partitions.get(str(partition)) if known is not None else None
            if end is not None:
                lag += max(0, end.hi_offset - position)
        return lag


_watches: set[ClientWatch] = set()
_sums = [0] * len(Counts._fields)
_one_at_a_time = threading.Lock()


def _add(counts: Counts) -> None:
    with _one_at_a_time:
        for place, count in enumerate(counts):
            _sums[place] += count


def read_totals() -> Totals:
    """Sum up what the clients of this process have told."""
    watches = tuple(_watches)
    with _one_at_a_time:
        counts = Counts(*_sums)
    return Totals(
        counts,
        sum(one.queue_records for one in watches),
        sum(one.lag_records for one in watches),
        max((one.round_trip_s for one in watches), default=0.0),
        max((one.throttle_s for one in watches), default=0.0),
    )
