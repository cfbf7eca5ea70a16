"""What a validator's database derives from its blocks, compared at the end of them: streams, tiles, positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litopys.audit.database_blocks import compare_tiles
from litopys.audit.feeds import RowFeed
from litopys.kafka.topics import blocks_topic, cosignatures_topic, events_topic, network_topics
from litopys.postgres.migrations import read_migrations
from litopys.tlog.tiles import TILE_HEIGHT, TILE_WIDTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litopys.audit.findings import Report
    from litopys.audit.rules import RuleBook
    from litopys.audit.scratch import ScratchStreams, Standing
    from litopys.ledger.network import Network
    from litopys.postgres.pool import Connection
    from litopys.tlog.tree import GrownTile

MIGRATIONS = "litopys.postgres.sql.ledger"
MIGRATIONS_NAME = "ledger"


async def audit_identity(connection: Connection, network: Network, report: Report) -> str | None:
    """Check whose database it is; returns the validator's name, None where no such row stands there."""
    row = await connection.fetchrow("select origin, network_digest, validator, cluster_id from identity")
    if row is None:
        report.find("identity", "", "is missing")
        return None
    name = str(row["validator"])
    report.expect(row["origin"] == network.origin, "identity", key=name, what="origin is not this network's")
    is_ours = row["network_digest"] == network.digest
    report.expect(is_ours, "identity", key=name, what="network_digest is not that of this network file")
    is_member = name in {validator.name for validator in network.validators}
    report.expect(is_member, "identity", key=name, what="validator is none of this network")
    await _audit_topics(connection, network, report, is_pinned=row["cluster_id"] is not None)
    return name


async def _audit_topics(connection: Connection, network: Network, report: Report, *, is_pinned: bool) -> None:
    stored = {row["topic"] for row in await connection.fetch("select topic from topic")}
    right = set(network_topics(network))
    for topic in sorted(stored - right):
        report.find("topic", topic, "is no topic of this network")
    for topic in sorted(right - stored):
        report.expect(not is_pinned, "topic", key=topic, what="is missing")
    report.count("topics", len(stored))


async def audit_migrations(connection: Connection, report: Report) -> None:
    """Check that the schema was made by the files of this build, or by the first of them."""
    rows = await connection.fetch("select name, number, file, checksum from schema_migration order by name, number")
    known = {one.number: (MIGRATIONS_NAME, one.number, one.file, one.checksum) for one in read_migrations(MIGRATIONS)}
    for row in rows:
        key = f"{row['name']} {row['number']}"
        report.expect(
            tuple(row) == known.get(row["number"]), "schema_migration", key=key, what="is no file of this build"
        )
    stored = {row["number"] for row in rows if row["name"] == MIGRATIONS_NAME}
    for number in sorted(set(known) - stored):
        report.find("schema_migration", f"{MIGRATIONS_NAME} {number}", "is missing: was this build ever here?")
    report.count("migrations", len(rows))


async def audit_positions(
    connection: Connection,
    *,
    network: Network,
    ends: Mapping[tuple[str, int], int],
    last_offset: int | None,
    report: Report,
) -> None:
    """Compare positions with the ends of the last block's ranges, and with its own place (None: it tells none)."""
    rows = await connection.fetch("select topic, partition, next_offset from position order by topic, partition")
    stored = {(row["topic"], row["partition"]): row["next_offset"] for row in rows}
    right = {(events_topic(network.topics, sector), number): end for (sector, number), end in ends.items()}
    if last_offset is not None:
        right[blocks_topic(network.topics), 0] = last_offset + 1
    place = cosignatures_topic(network.topics), 0
    if await connection.fetchval("select exists (select from cosignature)"):
        report.expect(place in stored, "position", key=place, what="is missing")
    report.expect(stored.pop(place, 0) >= 0, "position", key=place, what="next_offset is negative")
    for key in sorted(stored.keys() | right.keys()):
        if stored.get(key) != right.get(key):
            report.find("position", key, f"next_offset is {stored.get(key)}, the last block says {right.get(key)}")
    report.count("positions", len(rows))


async def audit_streams(connection: Connection, *, streams: ScratchStreams, rules: RuleBook, report: Report) -> None:
    """Merge the table of streams with what the replay came to, both by the bytes of the subject."""
    feed = await RowFeed.open(connection, "select subject, version, last_index, state from stream order by subject")
    for standing in streams.all():
        while (row := await feed.peek()) is not None and row["subject"] < standing.subject:
            report.find("stream", row["subject"], "no such stream")
            await feed.take()
        if row is None or row["subject"] != standing.subject:
            report.find("stream", standing.subject, "is missing")
            continue
        _compare_stream(await feed.take(), standing, report, is_state_known=not rules.is_missing(standing.sector))
    while (row := await feed.take()) is not None:
        report.find("stream", row["subject"], "no such stream")


def _compare_stream(row: Any, standing: Standing, report: Report, *, is_state_known: bool) -> None:  # noqa: ANN401
    for column in ("version", "last_index", "state"):
        if row[column] != getattr(standing, column) and (column != "state" or is_state_known):
            report.find("stream", row["subject"], f"{column} is not what its events come to")
    report.count("streams")


async def audit_edge(connection: Connection, *, size: int, partial: Mapping[int, GrownTile], report: Report) -> None:
    """Compare the tiles of the right edge of a tree, and see that there is no other tile than those of the tree."""
    await compare_tiles(connection, {(one.level, one.index): one.hashes for one in partial.values()}, report)
    level = 0
    while hashes := size >> (TILE_HEIGHT * level):
        tiles = -(-hashes // TILE_WIDTH)
        rows = await connection.fetch(
            "select level, index from tile where level = $1 and (index < 0 or index >= $2) limit 100", level, tiles
        )
        _find_strange(report, rows)
        level += 1
    _find_strange(
        report,
        await connection.fetch("select level, index from tile where level not between 0 and $1 limit 100", level - 1),
    )


def _find_strange(report: Report, rows: Sequence[Any]) -> None:
    for row in rows:
        report.find("tile", f"level {row['level']}, index {row['index']}", "the tree has no such tile")
