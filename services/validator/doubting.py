"""When nothing counts here although a quorum went on: whether our Kafka shows what they have cosigned (ADR 0015).

Our own topics cannot tell a sealer that signs a wrong digest from a broker that shows us altered records. The peers
can, by a block that is proved under the quorum's checkpoint. So nobody is accused before they were asked.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Halted, Malformed, Unavailable, VerificationFailed
from litopys.ledger.blocks import parse_block
from litopys.ledger.evidence import THIS_BROKER, EvidenceKind
from litopys.ledger.records import Record, format_record_bytes
from litopys.note.notes import parse_note
from litopys.postgres.ledger_votes import EvidenceRow
from litopys.replica.catch_up import CatchUp
from litopys.replica.tiles_client import TilesClient
from litopys.service.logs import get_log
from services.validator.intake import count_evidence
from services.validator.opening import load_admission
from services.validator.peers import open_client, peers_of

if TYPE_CHECKING:
    import httpx2

    from litopys.ledger.chain import Counted
    from litopys.replica.follow import ChainFollower
    from litopys.replica.store import LedgerStore
    from services.validator.equipment import Equipment
    from services.validator.evidence import Suspects

_log = get_log("doubt")


class KafkaDiffers(Halted):
    """Our Kafka shows other records than those that a quorum has cosigned; whoever reads it as it is cannot go on."""


class Here(NamedTuple):
    """What this validator has to compare with: what it reads, and what it passed over."""

    follower: ChainFollower
    suspects: Suspects


async def doubt(equipment: Equipment, store: LedgerStore, here: Here) -> None:
    """Look again and again, for ever, whether we stand still behind a quorum, and then ask why.

    Raises KafkaDiffers once the evidence for it is kept.
    """
    before = b""
    async with open_client(equipment) as client:
        while True:
            await asyncio.sleep(equipment.settings.peer_interval_s)
            if here.follower.head.hash == before and not here.follower.waiting_blocks:
                await _ask_peers(equipment, store, here, client)
            before = here.follower.head.hash


async def _ask_peers(equipment: Equipment, store: LedgerStore, here: Here, client: httpx2.AsyncClient) -> None:
    for peer in peers_of(equipment):
        head, admission = await load_admission(equipment, store)
        if head.hash != here.follower.head.hash or not await store.is_quorum_from(admission.size + 1):
            return
        tiles = TilesClient(url=peer.url, client=client)
        try:
            final = await tiles.checkpoint(equipment.network.policy())
            if final.checkpoint.size <= admission.size:
                continue
            asking = CatchUp(network=equipment.network, peer=tiles, store=store, admission=admission, head=head)
            found = find_difference(await asking.first(final.checkpoint), here)
        except (Malformed, VerificationFailed, Unavailable) as error:
            _log.info("peer does not prove the next block", peer=peer.name, error=str(error))
            continue
        if found is not None and here.follower.head.hash == head.hash:
            count_evidence(await store.keep([found]))
            raise KafkaDiffers(
                f"{found.detail}; no sealer and no validator is accused of it. Compare the brokers that this validator "
                "reads with those of its peers, and start it again on one that shows the records of the quorum"
            )


def find_difference(proved: Counted, here: Here) -> EvidenceRow | None:
    """Compare a block that a quorum has cosigned with what our Kafka shows; None where something is not here yet."""
    for sealed in proved.records:
        shown = here.follower.pending[sealed.sector, sealed.partition].take(sealed.offset, sealed.offset + 1)
        if shown is not None and shown[0] != sealed:
            return _of_record(shown[0], sealed, proved.block.height)
    for note in here.suspects.notes():
        if _previous(note) == proved.hash:
            detail = f"our Kafka lacks block {proved.block.height}, which a later block there names and a quorum has"
            return _row(f"{detail} cosigned", note, proved.note)
    return None


def _of_record(shown: Record, sealed: Record, height: int) -> EvidenceRow:
    place = f"{sealed.sector}, partition {sealed.partition}, offset {sealed.offset}"
    detail = f"our Kafka shows another record at {place} than a quorum has cosigned in block {height}"
    return _row(detail, format_record_bytes(shown), format_record_bytes(sealed))


def _row(detail: str, shown: bytes, proved: bytes) -> EvidenceRow:
    return EvidenceRow(EvidenceKind.OTHER_RECORDS, THIS_BROKER, None, detail, shown, proved)


def _previous(note: bytes) -> bytes | None:
    try:
        return parse_block(parse_note(note).text).previous
    except Malformed:
        return None
