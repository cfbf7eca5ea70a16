"""A ledger in memory for one sector's topic: blocks, verdicts, checkpoints and receipts that verify, over fake HTTP."""

import asyncio
from collections.abc import Callable, Sequence

import httpx2

from litopys.kafka.address import KafkaAddress
from litopys.kafka.follower import Follower
from litopys.kafka.producer import Publisher
from litopys.kafka.records import Outgoing, RawRecord
from litopys.kafka.topics import blocks_topic, cosignatures_topic, events_topic
from litopys.ledger.admission import Examiner, judge
from litopys.ledger.network import Network
from litopys.ledger.receipts import make_receipt
from litopys.ledger.records import Record
from litopys.ledger.rejections import Reason, format_rejected_list
from litopys.note.checkpoints import Checkpoint
from litopys.sourcing.domains import Domain
from litopys.tlog.hashing import leaf_hash, node_hash
from tests.support.simulated import Simulated

Fault = Callable[[RawRecord], Reason | None]
QUORUM = ("log", "kyiv", "lviv", "odesa")


def tree_root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(tree_root(leaves[:k]), tree_root(leaves[k:]))


def tree_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if index < k:
        return [*tree_path(index, leaves[:k]), tree_root(leaves[k:])]
    return [*tree_path(index - k, leaves[k:]), tree_root(leaves[:k])]


class ToyLedger:
    """Judges what is sealed, calls it final at once. `fault` may refuse a record that is otherwise fine."""

    def __init__(self, simulated: Simulated, network: Network, rules: Domain) -> None:
        self.simulated = simulated
        self.network = network
        self.rules = {rules.sector: rules}
        self.sector = rules.sector
        self.fault: Fault = lambda _record: None
        self.answers: Callable[[httpx2.Request, httpx2.Response], httpx2.Response] = lambda _request, response: response
        self.entries: list[bytes] = []
        self.blocks: list[bytes] = []
        self.rejected: list[bytes] = []
        self.admitted: list[tuple[int, int]] = []
        self.reasons: list[Reason] = []
        self.positions: dict[tuple[str, int], int] = {}
        self._streams: dict = {}
        self._previous = network.digest
        self._examiner = Examiner(network)

    @property
    def checkpoint(self) -> Checkpoint:
        leaves = [leaf_hash(entry) for entry in self.entries]
        return Checkpoint(self.network.origin, len(leaves), tree_root(leaves))

    def seal(self, raw: Sequence[RawRecord]) -> None:
        """Make a block of these records, and judge it."""
        records = [Record(self.sector, r.partition, r.offset, r.signature, r.value) for r in raw]
        block = self.simulated.block(len(self.rejected), self._previous, records)
        ordered = sorted(zip(records, raw, strict=True), key=lambda pair: pair[0][:3])
        examined = self._examiner.examine([r for r, _ in ordered], height=block.height, rules=self.rules)
        faulty = [
            one if self.fault(r) is None else one._replace(reason=self.fault(r))
            for one, (_, r) in zip(examined, ordered, strict=True)
        ]
        verdict = judge(faulty, block=block, first_index=len(self.entries), streams=self._streams, rules=self.rules)
        self._streams |= verdict.changed
        refused = {(r.rejection.partition, r.rejection.offset) for r in verdict.refusals}
        self.reasons += [r.rejection.reason for r in verdict.refusals]
        self.admitted += [(r.partition, r.offset) for r, _ in ordered if (r.partition, r.offset) not in refused]
        self.entries += verdict.entries
        self.rejected.append(format_rejected_list([r.rejection for r in verdict.refusals]))
        self.blocks.append(self.simulated.block_note(block))
        self._previous = block.hash

    def receipt(self, index: int) -> bytes:
        leaves = [leaf_hash(entry) for entry in self.entries]
        return make_receipt(
            entry=self.entries[index],
            index=index,
            proof=tree_path(index, leaves),
            checkpoint=self.simulated.final_note(self.checkpoint, QUORUM),
        )

    def votes(self) -> list[bytes]:
        """What the network writes to the cosignatures topic for the newest checkpoint."""
        votes = [self.simulated.vote(self.checkpoint, name) for name in QUORUM[1:]]
        return [*votes, self.simulated.log_note(self.checkpoint)]

    async def run(self, kafka: KafkaAddress) -> None:
        """Seal whatever comes to the topic, a block a read, until cancelled."""
        topic = events_topic(self.network.topics, self.sector)
        for partition in range(self.network.partitions(self.sector)):
            self.positions.setdefault((topic, partition), 0)
        votes_topic, notes_topic = cosignatures_topic(self.network.topics), blocks_topic(self.network.topics)
        async with (
            Follower(kafka, "toy-ledger", self.positions) as follower,
            Publisher(kafka, "toy") as publisher,
        ):
            while True:
                records = await follower.read(0.2)
                if records:
                    self.seal(records)
                    self.positions |= {(r.topic, r.partition): r.offset + 1 for r in records}
                    await publisher.publish([Outgoing(notes_topic, 0, self.blocks[-1])])
                    await publisher.publish([Outgoing(votes_topic, 0, vote) for vote in self.votes()])
                    await asyncio.sleep(0)

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=httpx2.MockTransport(self._serve))

    def _serve(self, request: httpx2.Request) -> httpx2.Response:
        return self.answers(request, self._answer(request.url.path))

    def _answer(self, path: str) -> httpx2.Response:
        match path.strip("/").split("/"):
            case ["checkpoint"] if self.entries:
                return httpx2.Response(200, content=self.simulated.final_note(self.checkpoint, QUORUM))
            case ["receipt", index] if int(index) < len(self.entries):
                return httpx2.Response(200, content=self.receipt(int(index)))
            case ["rejected", height] if int(height) < len(self.rejected):
                return httpx2.Response(200, content=self.rejected[int(height)])
        return httpx2.Response(404)
