"""Erasing: what the events of a sector's frame do to its store, in the transaction that writes them.

`take_effect` is called by the one append, so no way in can forget it: a command, an event of the own topic that a
restored store lacked, an event that the ledger put in another's place. Erasing twice does no more than once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from litopys.event.cloudevents import parse_event
from litopys.event.disclosures import parse_disclosure
from litopys.sourcing.accesses import find_access
from litopys.sourcing.erasures import Erasure, find_erasure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from litopys.postgres.pool import Connection
    from litopys.postgres.sector_changes import StreamChange

SHORTEST_TEXT = 4
"""Shorter texts of an erased value are not looked for elsewhere: they would be found in anything."""
_CODE_WORD = re.compile(r"[a-z_]+")
"""Nor are words of ours, such as `natural` or `valid`: they say nothing of anybody."""
ERASED = "erased"

_HAS_EFFECT = ("_erasure", "_access")
# What is erased and what is shown are said of one stream: whoever does either of it waits for whoever does the other.
_LOCK = "select pg_advisory_xact_lock(hashtextextended('reach' || chr(31) || $1, 0))"
_LOCK_SHARED = "select pg_advisory_xact_lock_shared(hashtextextended('reach' || chr(31) || $1, 0))"
_ERASE = """
with gone as materialized (
    select subject, version, digest, disclosure from disclosure
    where subject = $1 and version <= $2 and ($3::text is null or person = $3)
      and (cardinality($4::text[]) = 0 or name = any($4)) and disclosure is not null
    order by version, digest for update
), emptied as (
    update disclosure d set disclosure = null, lookup = null, erased_at = now(), erased_by = $5
    from gone g where d.subject = g.subject and d.version = g.version and d.digest = g.digest
)
select disclosure from gone"""
# Lines about the rows that this stream was imported from, whatever they say.
_ERASE_REMARKS = """
update import_remark r set reason = $3
from (select data ->> 'id' as run, (data ->> 'record')::bigint as number
      from (select convert_from(value, 'UTF8')::jsonb #> '{data,imported}' as data from event
            where subject = $1 and version <= $2) as e
      where jsonb_typeof(data) = 'object') as m
where r.run = m.run and r.number = m.number"""
# And the very texts in any other line: a refused row belongs to no stream.
_ERASE_TEXTS = """
update import_remark r set reason = replace(r.reason, $1, $2) where position($1 in r.reason) > 0"""
# A digest of a payload, though keyed, could confirm a guess to whoever has the key too.
_FORGET_PAYLOADS = "update idempotency set payload_digest = '' where subject = $1 and version <= $2"
_RECORD_ACCESS = """
insert into access_record (access, subject, version, recorded_at) values ($1, $2, $3, $4) on conflict do nothing"""
# With "C" collation ';' is the character after ':', so these are exactly the streams of one aggregate.
_ERASURES = """
select value from event where subject > $1 and subject < $2 and position($3::bytea in value) > 0
order by position"""
_HOLDS_ON = """
select subject, state from stream where subject > $1 and subject < $2 and position($3::bytea in state) > 0"""
_PERSONS = "select distinct person from disclosure where subject = $1"


async def take_effect(connection: Connection, changes: Sequence[StreamChange]) -> None:
    """Do to the store what the appended events of the frame say, in the caller's transaction."""
    for change in changes:
        if change.subject.partition(":")[0].endswith(_HAS_EFFECT):
            for event in change.events:
                await take_effect_of(connection, event.value, recorded_at=event.recorded_at)


async def take_effect_of(connection: Connection, value: bytes, *, recorded_at: datetime) -> None:
    """Do to the store what one event says, whatever it is; nothing for most."""
    event = parse_event(value)
    access, erasure = find_access(event), find_erasure(event)
    if access is not None:
        await connection.execute(_RECORD_ACCESS, event.subject, *access, recorded_at)
    if erasure is not None:
        await erase(connection, erasure)


async def erase(connection: Connection, erasure: Erasure) -> int:
    """Remove disclosures and what else holds their texts, in the caller's transaction; returns how many there were."""
    reach = erasure.reach
    await lock_reach(connection, reach.subject)
    gone = await connection.fetch(
        _ERASE, reach.subject, erasure.up_to, reach.person, list(reach.fields), erasure.recorded_as
    )
    await connection.execute(_ERASE_REMARKS, reach.subject, erasure.up_to, ERASED)
    await connection.execute(_FORGET_PAYLOADS, reach.subject, erasure.up_to)
    for text in _texts(row["disclosure"] for row in gone):
        await connection.execute(_ERASE_TEXTS, text, ERASED)
    return len(gone)


async def erase_again(connection: Connection, sector: str) -> int:
    """Carry out every erasure on record, in the caller's transaction; returns how many disclosures had come back.

    A database that was put together from backups may hold what its own events say is erased.
    """
    aggregate = f"{sector}_erasure"
    named = f".{aggregate}.erased.v".encode()
    values = await connection.fetch(_ERASURES, f"{aggregate}:", f"{aggregate};", named)
    found = [find_erasure(parse_event(row["value"])) for row in values]
    return sum([await erase(connection, erasure) for erasure in found if erasure is not None])


async def list_holds_on(connection: Connection, sector: str, subject: str) -> dict[str, bytes]:
    """Return the states of holds that name a stream, imposed or not, by the holds' own streams."""
    aggregate = f"{sector}_hold"
    rows = await connection.fetch(_HOLDS_ON, f"{aggregate}:", f"{aggregate};", f'"{subject}"'.encode())
    return {row["subject"]: row["state"] for row in rows}


async def list_persons(connection: Connection, subject: str) -> set[str]:
    """Return the ids of all persons of whom a stream ever had a field, erased or not."""
    return {row["person"] for row in await connection.fetch(_PERSONS, subject)}


async def lock_reach(connection: Connection, subject: str) -> None:
    """Until the transaction ends, nobody else erases, holds or shows fields of this stream."""
    await connection.execute(_LOCK, subject)


async def lock_showing(connection: Connection, subject: str) -> None:
    """Until the transaction ends, nobody erases or holds fields of this stream; others may show them too."""
    await connection.execute(_LOCK_SHARED, subject)


def _texts(disclosures: Iterable[str]) -> list[str]:
    """Collect the texts that disclosures hold, the longest first, also in the form that a report's line has."""
    found = {text for one in disclosures for text in _texts_in(parse_disclosure(one).value)}
    found |= {"".join(c if c.isprintable() else " " for c in text) for text in found}
    telling = (text for text in found if len(text) >= SHORTEST_TEXT and not _CODE_WORD.fullmatch(text))
    return sorted(telling, key=lambda text: (-len(text), text))


def _texts_in(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case bool() | None:
            return
        case int():
            yield str(value)
        case list():
            for item in value:
                yield from _texts_in(item)
        case dict():
            for item in value.values():
                yield from _texts_in(item)
