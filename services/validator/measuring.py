"""What a validator tells of its database: the evidence that it keeps, and how large it is."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from litopys.ledger.evidence import EvidenceKind
from litopys.postgres.ledger_votes import count_evidence_kept
from litopys.postgres.pool import read_database_bytes, read_relation_bytes
from litopys.service import metrics
from litopys.service.measuring import measure_relations

if TYPE_CHECKING:
    from litopys.ledger.admission import BlockVerdict
    from litopys.postgres.ledger_finality import FinalRow
    from litopys.replica.store import LedgerStore

_EVERY_S = 60.0


async def measure_database(store: LedgerStore) -> None:
    """Look again and again, for ever. Raises Unavailable."""
    while True:
        await measure_evidence(store)
        async with store.reading() as connection:
            metrics.DATABASE_BYTES.set(await read_database_bytes(connection))
            measure_relations(await read_relation_bytes(connection))
        await asyncio.sleep(_EVERY_S)


async def measure_evidence(store: LedgerStore) -> None:
    """Count what the database holds; a kind of which it holds nothing stands at 0. Raises Unavailable."""
    async with store.reading() as connection:
        kept = await count_evidence_kept(connection)
    for kind in EvidenceKind:
        metrics.EVIDENCE_KEPT_PIECES.labels(kind).set(kept.get(kind, 0))


def measure_final(final: FinalRow) -> None:
    """Say up to where the ledger is final; of its entries, one a block is the block's own and no event."""
    metrics.FINAL_HEIGHT_BLOCKS.set(final.height)
    metrics.FINAL_EVENTS.set(final.size - (final.height + 1))


def measure_admitted(verdict: BlockVerdict) -> None:
    """Count the events of a block that was stored: the records in it that were not refused."""
    events = Counter[str]()
    for part in verdict.block_entry.block.ranges:
        events[part.sector] += part.end - part.first
    events.subtract(refusal.rejection.sector for refusal in verdict.refusals)
    for sector, count in events.items():
        metrics.EVENTS_ADMITTED.labels(sector).inc(count)
