"""What becomes of refused records: the same bytes again, or the end of what the stream had acknowledged.

Where only the line or the moment was at fault, the event goes back into the outbox. Otherwise its stream is stopped
until no bytes of it are under way; then it is set back to what the ledger admitted, and every address that was ever
acknowledged beyond that is filled with a `voided` event, so that no old bytes can come to life there.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from litopys.event.cloudevents import parse_event
from litopys.event.streams import format_citations
from litopys.ledger.rejections import Reason
from litopys.postgres import sector_settling as store
from litopys.postgres.pool import durable_step, failures
from litopys.postgres.sector_append import append
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_erasing import take_effect_of
from litopys.postgres.sector_reading import load_events
from litopys.service import metrics
from litopys.service.logs import get_log
from litopys.service.writing import Stream
from litopys.sourcing.common import Voided
from litopys.sourcing.facts import Decided
from litopys.steps import Step, pass_on

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litopys.postgres.pool import Connection, Pool
    from litopys.postgres.sector_settling import AdmittedForeign, ForeignFinal, OpenRejection, StandingEvent
    from litopys.service.writing import Writer
    from litopys.steps import Passing

# Nothing in the event itself was at fault. `stream-version` is here because an earlier event of the stream may have
# been refused for the moment only; where another event is final at the address, it is for good.
_AGAIN = frozenset({Reason.KEY, Reason.SIGNATURE, Reason.CITATION, Reason.STREAM_VERSION})
_AT_ONCE = 1_000
ACTOR = "service"

_log = get_log("settling")


class Settling:
    """Settles rejections of one sector. Every step may be repeated: it looks at what the store says now."""

    def __init__(self, *, pool: Pool, writer: Writer, passing: Passing = pass_on) -> None:
        self._pool = pool
        self._passing = passing
        self._writer = writer

    async def step(self) -> int:
        """Look into refused and foreign records, then set back what can be; returns how much was done."""
        with failures():
            rejections = await store.load_open_rejections(self._pool, _AT_ONCE)
            foreign = await store.load_foreign_final(self._pool, _AT_ONCE)
            if rejections or foreign:
                await self._settle(rejections, foreign)
            stopped = await store.load_stopped(self._pool, _AT_ONCE)
            set_back = [await self._set_back(subject, reason) for subject, reason in stopped]
        return len(rejections) + len(foreign) + sum(set_back)

    async def _settle(self, rejections: Sequence[OpenRejection], foreign: Sequence[ForeignFinal]) -> None:
        again = [r for r in rejections if _is_to_be_published_again(r)]
        stopping = {r.subject: r.reason for r in rejections if r.subject is not None and _is_lasting(r)}
        stopping |= {f.subject: Reason.STREAM_VERSION.value for f in foreign if f.reason is None}
        async with durable_step(self._pool, Step.SETTLED, self._passing) as connection:
            await store.publish_again(connection, await _with_citations(connection, again))
            for subject, reason in stopping.items():
                await store.stop_stream(connection, subject, reason)
            await store.mark_settled(connection, rejections)
            await store.drop_foreign(connection, [f for f in foreign if f.reason is not None])
        for rejection in rejections:
            metrics.EVENTS_REJECTED.labels(self._writer.sector, rejection.reason).inc()
        if again or stopping:
            _log.warning("records were refused", again=len(again), streams_stopped=len(stopping))

    async def _set_back(self, subject: str, reason: str) -> bool:
        """Set a stopped stream back, unless bytes of it are still under way; True when done."""
        async with durable_step(self._pool, Step.SET_BACK, self._passing) as connection:
            if await store.is_unsettled(connection, subject):
                return False
            standing = await store.load_standing(connection, subject)
            foreign = await store.load_admitted_foreign(connection, subject)
            admitted = _admitted(standing, foreign)
            lost = [one.version for one in standing if admitted.get(one.version) != one.value]
            await store.reject_events(connection, subject, versions=lost[:1], reason=reason)
            await store.reject_events(connection, subject, versions=lost[1:], reason=Reason.STREAM_VERSION)
            await self._adopt(connection, subject, foreign)
            last = max([*admitted, *lost], default=0)
            await self._go_on(connection, subject, admitted=admitted, last=last, reason=reason)
        metrics.STREAMS_REWOUND.labels(self._writer.sector).inc()
        _log.warning("stream set back", subject=subject, reason=reason, version=len(admitted), rejected=len(lost))
        return True

    async def _adopt(self, connection: Connection, subject: str, foreign: Sequence[AdmittedForeign]) -> None:
        for record in foreign:
            recorded_at = datetime.fromisoformat(parse_event(record.value).time)
            await store.adopt_foreign(connection, subject, record, recorded_at=recorded_at)
            await take_effect_of(connection, record.value, recorded_at=recorded_at)

    async def _go_on(
        self, connection: Connection, subject: str, *, admitted: Mapping[int, bytes], last: int, reason: str
    ) -> None:
        """Give the stream the ledger's state and fill the addresses up to `last`."""
        version = len(admitted)
        state: Any = await self._writer.fold(connection, [admitted[v] for v in sorted(admitted)])
        stream = Stream(subject, version, state, self._writer.domain.rules)
        encoded, entry = self._writer.domain.encode_state(state), self._writer.entry(stream)
        await store.set_back(connection, subject, version=version, state=encoded, entry=entry)
        if last > version:
            voids = [Decided("voided", 1, Voided(reason))] * (last - version)
            change, _ = self._writer.change(stream, voids, actor=ACTOR)
            await append(connection, [change])


def _is_done(rejection: OpenRejection) -> bool:
    """A record that is none of ours, a copy of an admitted event, or of a stream that is being settled anyway."""
    return rejection.subject is None or rejection.is_admitted or rejection.is_stopped


def _is_lasting(rejection: OpenRejection) -> bool:
    return not _is_done(rejection) and (rejection.reason not in _AGAIN or rejection.is_taken)


def _is_to_be_published_again(rejection: OpenRejection) -> bool:
    return not _is_done(rejection) and not _is_lasting(rejection) and not rejection.is_underway


def _admitted(standing: Sequence[StandingEvent], foreign: Sequence[AdmittedForeign]) -> dict[int, bytes]:
    """Return the ledger's events of a stream by version: contiguous from 1, by the ledger's own rule."""
    found = {one.version: one.value for one in standing if one.is_admitted}
    found |= {record.version: record.value for record in foreign}
    count = next(v for v in range(1, len(found) + 2) if v not in found) - 1
    return {version: found[version] for version in range(1, count + 1)}


async def _with_citations(connection: Connection, again: Sequence[OpenRejection]) -> list[tuple[int, str | None]]:
    """Return positions with citations, so that an event that cites waits for what it cites."""
    addresses = [Address(r.subject or "", r.version or 0) for r in again]
    found = await load_events(connection, addresses) if addresses else {}
    events = [(stored.position, parse_event(stored.value).cites) for stored in found.values()]
    return [(position, format_citations(cites) if cites else None) for position, cites in events]
