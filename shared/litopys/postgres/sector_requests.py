"""Idempotency keys of commands: the first answer is the answer, and it is recorded with what it acknowledges.

Payloads are remembered as digests under a key that never leaves this database: they may hold personal fields, and a
bare digest could be used to confirm a guess.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Conflict

if TYPE_CHECKING:
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


_ANSWERED = "select payload_digest, subject, version from idempotency where actor = $1 and key = $2"
_TRY = "select pg_try_advisory_xact_lock(hashtextextended($1 || chr(31) || $2, 0))"
_RECORD = """
insert into idempotency (actor, key, payload_digest, subject, version) values ($1, $2, $3, $4, $5)
on conflict do nothing"""
_FORGET = "delete from idempotency where made_at < now() - make_interval(days => $1)"


async def load_digest_key(connection: Connection | Pool) -> bytes:
    """Return this database's key for digests, made by a migration."""
    key: bytes = await connection.fetchval("select key from digest_key")
    return key


def keyed_digest(key: bytes, content: bytes) -> bytes:
    """Compute a digest that says nothing to anyone without the key."""
    return hashlib.blake2b(content, digest_size=32, key=key).digest()


async def load_answer(connection: Connection | Pool, request: Request) -> Answered | None:
    """Return what was answered under this key before, or None."""
    row = await connection.fetchrow(_ANSWERED, request.actor, request.key)
    return Answered(*row) if row else None


async def lock_request(connection: Connection, request: Request) -> None:
    """Hold this key until the transaction ends. Raises RequestInFlight when somebody else does."""
    if not await connection.fetchval(_TRY, request.actor, request.key):
        raise RequestInFlight("a request under this Idempotency-Key is in flight")


async def store_answer(connection: Connection, request: Request, *, subject: str, version: int) -> None:
    """Record the answer in the transaction that makes it true. Raises RequestInFlight if another was recorded."""
    done = await connection.execute(_RECORD, request.actor, request.key, request.payload_digest, subject, version)
    if done.endswith(" 0"):
        raise RequestInFlight("a request under this Idempotency-Key came first")


async def forget_answers(connection: Connection, *, days: int = KEPT_DAYS) -> None:
    """Remove answers older than that many days, in the caller's transaction."""
    await connection.execute(_FORGET, days)
