"""What stands on the topics of a live network: which blocks count, and what the log has signed."""

from collections import defaultdict

from litopys.kafka.topics import blocks_topic, cosignatures_topic
from litopys.ledger.chain import Chain, genesis
from litopys.ledger.finality import SeenLogSignature, read_cosignature
from tests.support.live_network import on_topic, until


async def chain_of(live):
    """Which blocks count, found by the rule alone; and who sealed them."""
    records = defaultdict(dict)
    for record in live.unsealed:
        records[record.sector, record.partition][record.offset] = record

    def have(part):
        found = records[part.sector, part.partition]
        return [found[offset] for offset in range(part.first, part.end)] if part.end - 1 in found else None

    chain = Chain(live.network, genesis(live.network))
    for offset, note in enumerate(await on_topic(live, blocks_topic(live.network.topics))):
        chain.offer(offset, note)
    counted = []
    while (one := chain.next(have)) is not None:
        counted.append(one)
    return counted


async def all_sealed(live, *, timeout_s: float = 30.0):
    """Wait until everything published is in a block that counts; returns the blocks."""
    found = []

    async def is_sealed():
        nonlocal found
        found = await chain_of(live)
        return sum(len(block.records) for block in found) == len(live.unsealed)

    await until(is_sealed, what="all sealed", timeout_s=timeout_s)
    return found


async def log_signed(live):
    """The checkpoints that the log has signed."""
    notes = await on_topic(live, cosignatures_topic(live.network.topics))
    seen = [read_cosignature(note, live.network) for note in notes]
    return [one.checkpoint for one in seen if isinstance(one, SeenLogSignature)]
