"""What a validator's database belongs to, and where it stands: pinned names, positions, the newest block."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Halted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litopys.postgres.pool import Connection

_WRITER_LOCK = 0x6C69746F70797331
"""Advisory lock of the one process that writes a validator's database."""


class WrongDatabase(Halted):
    """The database belongs to another network, validator or Kafka cluster than the one this process was told."""


class StoredHead(NamedTuple):
    """The newest stored block: enough to go on from. Height -1 and size 0 before the first."""

    height: int
    text_hash: bytes
    size: int
    root: bytes


async def lock_writer(connection: Connection) -> bool:
    """Take the writer's lock for the life of this session; False where another process holds it."""
    return bool(await connection.fetchval("select pg_try_advisory_lock($1)", _WRITER_LOCK))


async def pin_identity(connection: Connection, *, origin: str, network_digest: bytes, validator: str) -> None:
    """Bind an empty database to a network and a validator, or check that it is theirs. Raises WrongDatabase."""
    await connection.execute(
        "insert into identity (origin, network_digest, validator) values ($1, $2, $3) on conflict do nothing",
        origin,
        network_digest,
        validator,
    )
    row = await connection.fetchrow("select origin, network_digest, validator from identity")
    if row is None or tuple(row) != (origin, network_digest, validator):
        found = "nothing" if row is None else f"{row['validator']} of {row['origin']}"
        raise WrongDatabase(f"the database belongs to {found}, not to {validator} of {origin} with this network file")


async def pin_kafka(connection: Connection, *, cluster_id: str, topic_ids: Mapping[str, str]) -> None:
    """Bind the database to a Kafka cluster and its topics at first contact; another one later raises WrongDatabase.

    A topic that was deleted and made again has another id: its offsets mean other records.
    """
    await connection.execute("update identity set cluster_id = $1 where cluster_id is null", cluster_id)
    await connection.execute(
        "insert into topic (topic, topic_id) select * from unnest($1::text[], $2::text[]) on conflict do nothing",
        list(topic_ids),
        list(topic_ids.values()),
    )
    pinned = await connection.fetchval("select cluster_id from identity")
    if pinned != cluster_id:
        raise WrongDatabase(f"Kafka cluster is {cluster_id}, this database follows {pinned}")
    for row in await connection.fetch("select topic, topic_id from topic order by topic"):
        if topic_ids.get(row["topic"], row["topic_id"]) != row["topic_id"]:
            raise WrongDatabase(f"topic {row['topic']} was made again: its id is not {row['topic_id']} any more")


async def read_head(connection: Connection) -> StoredHead | None:
    """The newest stored block, None before the first."""
    row = await connection.fetchrow("select height, text_hash, size, root from block order by height desc limit 1")
    return None if row is None else StoredHead(*row)


async def read_positions(connection: Connection) -> dict[tuple[str, int], int]:
    """Next offset by (topic, partition), of all that was ever read from."""
    rows = await connection.fetch("select topic, partition, next_offset from position")
    return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


async def read_kafka(connection: Connection) -> tuple[str, dict[str, str]]:
    """Return the pinned cluster id, and the pinned topic ids by topic."""
    cluster_id: str = await connection.fetchval("select cluster_id from identity")
    rows = await connection.fetch("select topic, topic_id from topic")
    return cluster_id, {row["topic"]: row["topic_id"] for row in rows}
