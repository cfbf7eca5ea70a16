"""How a life of the core starts: database, identity, cosignatures to their end, own votes, chain — in this order.

Nothing is signed before it is known what was signed: in the database, on the topic, and at the peers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from litopys.errors import Conflict, Halted, VerificationFailed
from litopys.kafka.follower import Follower
from litopys.kafka.identity import ClusterIdentity, read_identity
from litopys.kafka.topics import blocks_topic, cosignatures_topic, events_topic, network_topics
from litopys.ledger.amending import check_amendment_of
from litopys.ledger.blocks import parse_block
from litopys.ledger.chain import ChainHead, genesis
from litopys.ledger.finality import MAX_UNFINAL_BLOCKS
from litopys.note.notes import parse_note
from litopys.postgres import ledger_identity as identity
from litopys.postgres.grants import check_database
from litopys.postgres.ledger_finality import FinalRow
from litopys.postgres.ledger_reading import read_block, read_blocks, read_size_at
from litopys.postgres.ledger_votes import read_newest_vote_size, read_unseen_votes, read_votes
from litopys.postgres.pool import connect, open_pool
from litopys.replica.admit import Admission
from litopys.replica.edge import load_edge
from litopys.replica.follow import ChainFollower, chain_positions
from litopys.replica.store import LedgerStore
from litopys.replica.streams import StreamStandings
from litopys.service import metrics
from litopys.service.logs import get_log
from services.validator.intake import Intake
from services.validator.measuring import measure_final
from services.validator.peers import ask_own_votes
from services.validator.voting import VoteGate, Voter

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from litopys.ledger.network import Network
    from litopys.postgres.ledger_store import VoteRow
    from services.validator.equipment import Equipment

_POOL_CONNECTIONS = 4
_COMPARED_AGAIN_BLOCKS = 1_000
"""So many final heights back, cosignatures are compared again at start: a kill may have come before the comparing."""

_log = get_log("opening")


async def open_store(equipment: Equipment, closing: AsyncExitStack) -> LedgerStore:
    """Open the database, become its only writer, check its layout and whose it is.

    Raises Conflict while another process writes it, SchemaBehind and SchemaAhead where it is not migrated as this build
    needs it, Halted where it belongs to another network, validator or Kafka.
    """
    settings, network = equipment.settings, equipment.network
    writer = await connect(settings.database_url, name=f"litopys-writer-{settings.name}", command_timeout_s=None)
    closing.push_async_callback(writer.close, timeout=5)
    if not await identity.lock_writer(writer):
        raise Conflict("another process writes this database")
    await check_database(writer, "ledger")
    pool = await open_pool(settings.database_url, name=f"litopys-check-{settings.name}", max_size=_POOL_CONNECTIONS)
    closing.callback(pool.terminate)
    store = LedgerStore(pool=pool, network=network, validator=settings.name, passing=equipment.passing)
    await store.pin(network.digest)
    await store.pin_kafka(await read_identity(settings.kafka, network_topics(network)))
    await _check_amendments(network, store)
    return store


async def _check_amendments(network: Network, store: LedgerStore) -> None:
    """Raise Halted where stored blocks are under other amendments than the files beside the network file.

    One that came too late, or that was taken away, would have this validator judge otherwise than it did.
    """
    async with store.reading() as connection:
        head = await identity.read_head(connection)
        row = None if head is None else await read_block(connection, head.height)
    if row is not None:
        try:
            check_amendment_of(parse_block(parse_note(row.note).text), network)
        except VerificationFailed as error:
            raise Halted(str(error)) from error


async def open_intake(equipment: Equipment, store: LedgerStore, closing: AsyncExitStack) -> Intake:
    """Follow the cosignatures from the stored position, and read what is there now."""
    topic = cosignatures_topic(equipment.network.topics)
    async with store.reading() as connection:
        position = (await identity.read_positions(connection)).get((topic, 0), 0)
    follower = await _follow(equipment, store, {(topic, 0): position}, closing)
    begin, _ = (await follower.watermarks())[topic, 0]
    if position < begin:
        # What is gone is asked of the peers: our own votes now, the others' with their checkpoints.
        _log.error("Kafka has lost cosignatures that were never read", position=position, begin=begin)
        await follower.seek({(topic, 0): begin})
    intake = Intake(network=equipment.network, follower=follower, store=store, standing=equipment.standing)
    await intake.read_to_end()
    return intake


async def recover_votes(equipment: Equipment, store: LedgerStore) -> tuple[Voter, VoteGate, list[VoteRow]]:
    """Find all own votes, wherever they are; returns those too that the topic lacks. Raises Halted."""
    async with store.reading() as connection:
        newest = await read_newest_vote_size(connection)
    found = await ask_own_votes(equipment, above=newest)
    await store.adopt_found_votes(found)
    final = await store.final()
    async with store.reading() as connection:
        head = await identity.read_head(connection)
        height, size = (-1, 0) if head is None else (head.height, head.size)
        waiting = await read_votes(connection, above_size=size)
        unseen = await read_unseen_votes(connection, equipment.settings.name)
        blocks = await read_blocks(connection, first=height - MAX_UNFINAL_BLOCKS, last=height)
        compared = None if final is None else await read_size_at(connection, final.height - _COMPARED_AGAIN_BLOCKS)
    store.look_from(compared or 0)
    equipment.standing.height = height
    equipment.standing.final_height = -1 if final is None else final.height
    metrics.CHAIN_HEIGHT_BLOCKS.set(equipment.standing.height)
    measure_final(final or FinalRow(size=0, height=-1, root=b""))
    sizes = {block.height: block.size for block in blocks}
    voter = Voter(network=equipment.network, signer=equipment.signer, found=waiting)
    gate = VoteGate(store=store, sizes=sizes, final_size=0 if final is None else final.size)
    return voter, gate, unseen


async def open_chain(
    equipment: Equipment, store: LedgerStore, closing: AsyncExitStack
) -> tuple[ChainFollower, Admission]:
    """Go on after the newest stored block: follow its topics from there, load the tree's edge."""
    network = equipment.network
    head, admission = await load_admission(equipment, store)
    async with store.reading() as connection:
        blocks_offset = (await identity.read_positions(connection)).get((blocks_topic(network.topics), 0), 0)
    starts = chain_positions(network, head, blocks_offset=blocks_offset)
    follower = ChainFollower(
        network=network,
        follower=await _follow(equipment, store, starts, closing),
        head=head,
        buffer_records=equipment.settings.buffer_records,
    )
    return follower, admission


async def load_admission(equipment: Equipment, store: LedgerStore) -> tuple[ChainHead, Admission]:
    """Load where the stored chain stands, and admission on top of it."""
    network = equipment.network
    async with store.reading() as connection:
        stored = await identity.read_head(connection)
        positions = await identity.read_positions(connection)
        edge = await load_edge(connection, 0 if stored is None else stored.size)
    head = genesis(network) if stored is None else _chain_head(equipment, stored, positions)
    standings = StreamStandings(capacity_bytes=equipment.settings.state_cache_bytes)
    return head, Admission(network=network, load_domain=equipment.load_domain, edge=edge, standings=standings)


def _chain_head(equipment: Equipment, head: identity.StoredHead, positions: dict[tuple[str, int], int]) -> ChainHead:
    sectors = {events_topic(equipment.network.topics, name): name for name in equipment.network.sector_names}
    ends = {(sectors[topic], partition): offset for (topic, partition), offset in positions.items() if topic in sectors}
    return ChainHead(head.height, head.text_hash, ends)


async def _follow(
    equipment: Equipment, store: LedgerStore, positions: dict[tuple[str, int], int], closing: AsyncExitStack
) -> Follower:
    async with store.reading() as connection:
        cluster_id, topic_ids = await identity.read_kafka(connection)
    pinned = ClusterIdentity(cluster_id, {topic: topic_ids[topic] for topic, _ in positions})
    return await closing.enter_async_context(
        Follower(equipment.settings.kafka, f"check-{equipment.settings.name}", positions, pinned=pinned)
    )
