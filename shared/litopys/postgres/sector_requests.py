"""Idempotency keys of commands: the first answer is the answer, and it is recorded with what it acknowledges.

Payloads are remembered as digests under a key that never leaves this database: they may hold personal fields, and a
bare digest could be used to confirm a guess.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litopys.postgres.pool import Connection, Pool

KEPT_DAYS = 7


class RequestInFlight(Conflict):
    """The same idempotency key is being worked on at this moment."""


class Request(NamedTuple):
    """A request that must take effect once: who, under which key, and the digest of what."""

    actor: str
    key: str
    payload_digest: bytes


class Answered(NamedTuple):
    """What an earlier request under the same key acknowledged."""

    payload_digest: bytes
    subject: str
    version: int


_ANSWERED = """
select i.payload_digest, i.subject, i.version
from unnest($1::text[], $2::text[]) with ordinality as r (actor, key, nth) left join idempotency i using (actor, key)
order by r.nth"""
_TRY = """
select bool_and(pg_try_advisory_xact_lock(hashtextextended(actor || chr(31) || key, 0)))
from unnest($1::text[], $2::text[]) as r (actor, key)"""
_RECORD = """
insert into idempotency (actor, key, payload_digest, subject, version)
select * from unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::bigint[]) on conflict do nothing"""
_FORGET = "delete from idempotency where made_at < now() - make_interval(days => $1)"


async def load_digest_key(connection: Connection | Pool) -> bytes:
    """Return this database's key for digests, made by a migration."""
    key: bytes = await connection.fetchval("select key from digest_key")
    return key


def keyed_digest(key: bytes, content: bytes) -> bytes:
    """Compute a digest that says nothing to anyone without the key."""
    return hashlib.blake2b(content, digest_size=32, key=key).digest()


async def load_answers(connection: Connection | Pool, requests: Sequence[Request]) -> list[Answered | None]:
    """Return what was answered under each of these keys before, or None, with one query."""
    actors, keys = [request.actor for request in requests], [request.key for request in requests]
    rows = await connection.fetch(_ANSWERED, actors, keys)
    return [None if row["subject"] is None else Answered(*row) for row in rows]


async def lock_requests(connection: Connection, requests: Sequence[Request]) -> None:
    """Hold these keys until the transaction ends. Raises RequestInFlight when somebody else holds one of them."""
    actors, keys = [request.actor for request in requests], [request.key for request in requests]
    if not await connection.fetchval(_TRY, actors, keys):
        raise RequestInFlight("a request under this Idempotency-Key is in flight")


async def store_answers(connection: Connection, answers: Mapping[Request, tuple[str, int]]) -> None:
    """Record address by request in the transaction that makes it true. Raises RequestInFlight if one was recorded."""
    rows = [(*request, *address) for request, address in answers.items()]
    done = await connection.execute(_RECORD, *[list(column) for column in zip(*rows, strict=True)])
    if not done.endswith(f" {len(rows)}"):
        raise RequestInFlight("a request under this Idempotency-Key came first")


async def forget_answers(connection: Connection, *, days: int = KEPT_DAYS) -> None:
    """Remove answers older than that many days, in the caller's transaction."""
    await connection.execute(_FORGET, days)
