"""Which Kafka topic a sector's store belongs to, pinned at first sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litopys.errors import Halted

if TYPE_CHECKING:
    from litopys.postgres.pool import Connection


class AnotherTopic(Halted):
    """The store was filled from another cluster or topic than the one at hand: its offsets mean nothing here."""


_PIN = "insert into follow_identity (cluster_id, topic, topic_id) values ($1, $2, $3) on conflict do nothing"
_PINNED = "select cluster_id, topic, topic_id from follow_identity"


async def pin_identity(connection: Connection, topic: str, *, cluster_id: str, topic_id: str) -> None:
    """Pin cluster and topic in the caller's transaction, or check them against what was pinned. Raises AnotherTopic."""
    await connection.execute(_PIN, cluster_id, topic, topic_id)
    pinned = await connection.fetchrow(_PINNED)
    found = (cluster_id, topic, topic_id)
    if pinned is None or tuple(pinned) != found:
        raise AnotherTopic(f"pinned {pinned and tuple(pinned)}, found {found}")
