"""What a validator tells of its database: the evidence that it keeps, and how large it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from litopys.ledger.evidence import EvidenceKind
from litopys.postgres.ledger_votes import count_evidence_kept
from litopys.postgres.pool import read_database_bytes
from litopys.service import metrics

if TYPE_CHECKING:
    from litopys.replica.store import LedgerStore

_EVERY_S = 60.0


async def measure_database(store: LedgerStore) -> None:
    """Look again and again, for ever. Raises Unavailable."""
    while True:
        await measure_evidence(store)
        async with store.reading() as connection:
            metrics.DATABASE_BYTES.set(await read_database_bytes(connection))
        await asyncio.sleep(_EVERY_S)


async def measure_evidence(store: LedgerStore) -> None:
    """Count what the database holds; a kind of which it holds nothing stands at 0. Raises Unavailable."""
    async with store.reading() as connection:
        kept = await count_evidence_kept(connection)
    for kind in EvidenceKind:
        metrics.EVIDENCE_KEPT_PIECES.labels(kind).set(kept.get(kind, 0))
