"""When Kafka no longer has our next records: what lies between is fetched from whichever peer proves it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from litopys.errors import Malformed, Unavailable, VerificationFailed
from litopys.kafka.follower import Follower
from litopys.kafka.topics import blocks_topic
from litopys.note.notes import Note, format_note
from litopys.replica.catch_up import CatchUp, PeerDiffers
from litopys.replica.cosignatures import check_cosignatures
from litopys.replica.store import LedgerStore, Seen
from litopys.replica.tiles_client import TilesClient
from litopys.service import metrics
from litopys.service.logs import get_log
from services.validator.opening import load_admission, open_store
from services.validator.peers import open_client, peers_of

if TYPE_CHECKING:
    from litopys.note.policies import FinalCheckpoint
    from services.validator.equipment import Equipment

_READ_S = 0.5

_log = get_log("catch-up")


async def catch_up(equipment: Equipment) -> int:
    """Catch up from the first peer that is ahead and proves it; returns how many blocks were stored.

    Raises Unavailable where no peer is ahead of us, or none answers: Kafka may have moved on before anything new became
    final, and the next try may find it.
    """
    async with AsyncExitStack() as closing:
        store = await open_store(equipment, closing)
        client = await closing.enter_async_context(open_client(equipment))
        for peer in peers_of(equipment):
            try:
                stored = await _from_peer(equipment, store, TilesClient(url=peer.url, client=client))
            except (Malformed, VerificationFailed) as error:
                metrics.VERIFICATION_FAILURES.labels("peer-ledger").inc()
                _log.error("peer does not prove its ledger", peer=peer.name, error=str(error))
            except Unavailable as error:
                _log.info("peer does not answer", peer=peer.name, error=str(error))
            else:
                if stored:
                    _log.info("caught up", peer=peer.name, blocks=stored)
                    return stored
    raise Unavailable("Kafka has lost our next records, and no peer is ahead of us")


async def _from_peer(equipment: Equipment, store: LedgerStore, peer: TilesClient) -> int:
    final = await peer.checkpoint(equipment.network.policy())
    head, admission = await load_admission(equipment, store)
    if final.checkpoint.size <= admission.size:
        return 0
    catching_up = CatchUp(network=equipment.network, peer=peer, store=store, admission=admission, head=head)
    stored = await catching_up.run(
        final.checkpoint, block_stands=lambda offset, note: _check_stands(equipment, offset, note)
    )
    await _keep_final(equipment, store, final)
    return stored


async def _keep_final(equipment: Equipment, store: LedgerStore, final: FinalCheckpoint) -> None:
    """Keep the lines that prove what was fetched, as if they had come by the topic."""
    single = [format_note(Note(final.note.text, (line,))) for line in final.note.lines]
    checked = check_cosignatures(single, equipment.network)
    await store.store_seen(Seen(checked.cosignatures, checked.log_signatures, checked.evidence, []))


async def _check_stands(equipment: Equipment, offset: int, note: bytes) -> None:
    """Look on Kafka whether a block stands at an offset; what Kafka no longer has cannot be looked at and is let be."""
    place = (blocks_topic(equipment.network.topics), 0)
    async with Follower(equipment.settings.kafka, f"look-{equipment.settings.name}", {place: offset}) as follower:
        begin, end = (await follower.watermarks())[place]
        if offset < begin:
            return
        if offset >= end:
            raise PeerDiffers(f"the blocks topic ends before offset {offset}")
        while not (records := await follower.read(_READ_S)):
            pass
    if records[0].value != note:
        raise PeerDiffers(f"another block stands at offset {offset}")
