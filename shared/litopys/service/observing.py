"""What a relay tells of its sector's store, every few seconds: what waits, how long, how large, under which key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litopys.errors import LitopysError
from litopys.postgres.pool import failures, read_database_bytes, read_relation_bytes
from litopys.postgres.sector_outbox import load_backlog
from litopys.postgres.sector_verdicts import load_final_head, load_unfinal_age_s
from litopys.service import metrics
from litopys.service.logs import get_log
from litopys.service.measuring import measure_key, measure_relations

if TYPE_CHECKING:
    from litopys.event.signatures import SectorKey
    from litopys.ledger.network import Network, Term
    from litopys.postgres.pool import Pool

_log = get_log("observing")


async def observe_store(pool: Pool, *, sector: str, terms: list[Term]) -> None:
    """Measure once; a store that does not answer is told in the log, and its metrics stay what they were."""
    try:
        with failures():
            backlog = await load_backlog(pool)
            age_s = max(backlog.age_s if backlog.events else 0.0, await load_unfinal_age_s(pool))
            head = await load_final_head(pool)
            size_bytes = await read_database_bytes(pool)
            relations = await read_relation_bytes(pool)
    except LitopysError as error:
        _log.warning("the store is not readable", error=str(error))
        return
    metrics.OUTBOX_DEPTH_EVENTS.labels(sector).set(backlog.events)
    metrics.OUTBOX_AGE_SECONDS.labels(sector).set(backlog.age_s)
    metrics.UNFINAL_AGE_SECONDS.labels(sector).set(age_s)
    metrics.DATABASE_BYTES.set(size_bytes)
    measure_relations(relations)
    measure_key(terms, height=head.height)


def terms_of(key: SectorKey, network: Network, sector: str) -> list[Term]:
    """Return the terms in which a sector's key is good; none where the network file does not list it."""
    keys = [one for each in network.sectors if each.name == sector for one in each.keys]
    return [one.term for one in keys if one.key.vkey.name == key.name and one.key.vkey.public.raw == key.public.raw]
