"""Auditing a validator's database from raw bytes to the cosigned root, in one read-only snapshot.

It may run beside the live validator: REPEATABLE READ shows one moment, and takes no lock that anybody waits for.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from litopys.audit.database_blocks import BlockAudit
from litopys.audit.database_evidence import EvidenceAudit
from litopys.audit.database_tables import (
    audit_edge,
    audit_identity,
    audit_migrations,
    audit_positions,
    audit_streams,
)
from litopys.audit.database_votes import Doubt, VoteAudit
from litopys.audit.findings import Report
from litopys.audit.replay import Replay
from litopys.audit.rules import RuleBook, SectorRules
from litopys.audit.scratch import ScratchStreams
from litopys.postgres.pool import connect, failures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from litopys.ledger.network import Network
    from litopys.postgres.pool import Connection

_SECOND_LOOK_S = 2.0
_LOOK_EVERY_S = 0.1

TABLES = frozenset(
    {
        *("identity", "topic", "position", "block", "entry", "tile", "stream", "rejection", "vote", "cosignature"),
        *("log_signature", "final_checkpoint", "evidence", "schema_migration"),
    }
)
_OTHER_TABLES = """select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = current_schema() and c.relkind in ('r', 'p') and not c.relispartition order by 1"""


def ignore_progress(_height: int, _size: int) -> None:
    """Say nothing of how far it has come."""


async def audit_database(
    dsn: str,
    network: Network,
    *,
    load_rules: Callable[[str, int], SectorRules] | None,
    validator: str | None = None,
    progress: Callable[[int, int], None] = ignore_progress,
) -> Report:
    """Audit the database at `dsn`; `validator` is whose it should be, where that is known.

    Raises Unavailable where it cannot be read; whatever does not hold is in the report.
    """
    connection = await connect(dsn, name="litopys-audit", command_timeout_s=None)
    try:
        with failures():
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                report, doubts = await audit_snapshot(
                    connection, network, load_rules=load_rules, validator=validator, progress=progress
                )
            await _look_again(connection, doubts, report)
    finally:
        await connection.close()
    return report


async def audit_snapshot(
    connection: Connection,
    network: Network,
    *,
    load_rules: Callable[[str, int], SectorRules] | None,
    validator: str | None = None,
    progress: Callable[[int, int], None] = ignore_progress,
) -> tuple[Report, list[Doubt]]:
    """Audit what the caller's open transaction sees; returns the report, and what is missing but may be on its way."""
    report = Report()
    await _audit_schema(connection, report)
    name = await audit_identity(connection, network, report)
    if validator not in {None, name}:
        report.find("identity", name, f"is not the database of {validator}")
    rules = RuleBook(network, load_rules)
    with ScratchStreams() as streams:
        replay = Replay(network=network, rules=rules, streams=streams)
        blocks = BlockAudit(connection, replay=replay, report=report, progress=progress)
        if await blocks.run():
            await audit_streams(connection, streams=streams, rules=rules, report=report)
            await audit_edge(connection, size=replay.edge.size, partial=replay.partial, report=report)
            ends, offset = replay.head.ends, blocks.last_offset
            await audit_positions(connection, network=network, ends=ends, last_offset=offset, report=report)
    for sector, version in sorted(rules.missing):
        report.skip(f"rules {version} of {sector} and its streams' states: they are not installed here")
    votes = VoteAudit(connection, network=network, validator=validator or name or "", report=report)
    await votes.run()
    evidence = EvidenceAudit(connection, network=network, report=report)
    await evidence.run()
    return report, [*votes.doubts, *evidence.doubts]


async def _audit_schema(connection: Connection, report: Report) -> None:
    for row in await connection.fetch(_OTHER_TABLES):
        if row["relname"] not in TABLES:
            report.skip(f"the table {row['relname']}: it is none of a validator's")
    await audit_migrations(connection, report)


async def _look_again(connection: Connection, doubts: Sequence[Doubt], report: Report) -> None:
    """Look for what was missing in the snapshot in the present: a live validator writes it a moment later."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _SECOND_LOOK_S
    for doubt in doubts:
        is_there = await connection.fetchval(doubt.query, *doubt.arguments)
        while not is_there and loop.time() < end:
            await asyncio.sleep(_LOOK_EVERY_S)
            is_there = await connection.fetchval(doubt.query, *doubt.arguments)
        report.expect(is_there, doubt.table, key=doubt.key, what=doubt.what)
