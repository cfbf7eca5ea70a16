"""One life of the checking core: from what is stored, through Kafka, until something fails.

Tasks, each in order, joined by short queues so that one block is judged while the one before it is written:

    judge    next block that counts → examine, one query, judge, tree edge; touches no table
    store    wait for the gate → vote → one transaction (step BLOCK)
    publish  our cosignature to Kafka (step VOTE)
    intake   the others' cosignatures and the log's lines, checked and stored (step COSIGNATURES)
    settle   what became final, who contradicts whom (step EVIDENCE)
    peers    the others' heads over HTTP, outside Kafka
    doubt    whether our Kafka shows what a quorum has cosigned
    measure  the size of the database, and what evidence it holds
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, NamedTuple

from litopys.kafka.producer import Publisher
from litopys.kafka.records import Outgoing
from litopys.kafka.topics import cosignatures_topic
from litopys.ledger.chain import Dropped
from litopys.replica.admit import Admission, Admitted
from litopys.replica.follow import READ_S
from litopys.service import metrics
from litopys.service.logs import get_log
from litopys.steps import Step, passed
from services.validator.doubting import Here, doubt
from services.validator.evidence import Suspects, judge_suspects
from services.validator.intake import count_evidence
from services.validator.measuring import measure_admitted, measure_database
from services.validator.opening import open_chain, open_intake, open_store, recover_votes
from services.validator.peers import compare_heads
from services.validator.spans import Spans, Taken, Voted

if TYPE_CHECKING:
    from litopys.ledger.chain import Counted
    from litopys.postgres.ledger_store import BlockRow, VoteRow
    from litopys.postgres.ledger_votes import EvidenceRow
    from litopys.replica.follow import ChainFollower
    from litopys.replica.store import LedgerStore
    from litopys.steps import Passing
    from services.validator.equipment import Equipment
    from services.validator.intake import Intake
    from services.validator.voting import VoteGate, Voter

_log = get_log("core")


class Parts(NamedTuple):
    """What one life works with."""

    store: LedgerStore
    intake: Intake
    publisher: Publisher
    voter: Voter
    gate: VoteGate
    follower: ChainFollower
    admission: Admission


class Core:
    """The tasks of one life and what waits between them. Nothing in memory outlives it."""

    def __init__(self, equipment: Equipment, parts: Parts) -> None:
        self._setting = equipment
        self._parts = parts
        self._topic = cosignatures_topic(equipment.network.topics)
        self._judged: asyncio.Queue[tuple[Admitted, Taken]] = asyncio.Queue(maxsize=1)
        self._voted: asyncio.Queue[Voted] = asyncio.Queue()
        self._suspects = Suspects(equipment.network)
        self._spans = Spans(equipment.settings.name)

    async def run(self) -> None:
        """Run all tasks until one fails. Raises an exception group."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._judge())
            tasks.create_task(self._store())
            tasks.create_task(self._publish())
            tasks.create_task(self._parts.intake.run())
            tasks.create_task(self._parts.intake.settle(self._parts.gate))
            tasks.create_task(compare_heads(self._setting, self._parts.intake))
            tasks.create_task(measure_database(self._parts.store))
            tasks.create_task(doubt(self._setting, self._parts.store, Here(self._parts.follower, self._suspects)))

    async def _judge(self) -> None:
        admission, store = self._parts.admission, self._parts.store
        while True:
            counted = await self._next_block()
            taken = Taken(self._parts.follower.traces, time.perf_counter())
            async with store.reading() as connection:
                admitted = await admission.admit(counted, connection)
            await self._judged.put((admitted, taken))

    async def _next_block(self) -> Counted:
        follower = self._parts.follower
        while (counted := follower.take_block()) is None:
            self._take_dropped()
            self._measure_lag()
            await follower.read(READ_S)
        self._take_dropped()
        self._measure_lag()
        metrics.BLOCK_EVENTS.observe(len(counted.records))
        metrics.STAGE_SECONDS.labels("follow").observe(follower.waited_s)
        return counted

    def _measure_lag(self) -> None:
        follower, name = self._parts.follower, self._setting.settings.name
        metrics.LAG_BLOCKS.labels(name).set(follower.waiting_blocks)
        metrics.LAG_EVENTS.labels(name).set(follower.pending_records)

    def _take_dropped(self) -> None:
        for dropped in self._parts.follower.take_dropped():
            metrics.BLOCKS_DROPPED.labels(dropped.reason).inc()
            tell = _log.error if dropped.reason is Dropped.AMENDMENT else _log.info
            tell("block passed over", reason=dropped.reason, offset=dropped.offered.offset)
            self._suspects.add(dropped)

    async def _store(self) -> None:
        parts = self._parts
        while True:
            admitted, taken = await self._judged.get()
            judged = time.perf_counter()
            await parts.gate.wait(admitted.write.block)
            started = time.perf_counter()
            is_out = parts.voter.is_voted(admitted.write.block)
            vote = parts.voter.vote(admitted.write.block, now_s=int(time.time()))
            write = dataclasses.replace(admitted.write, vote=vote)
            count_evidence(await parts.store.store_block(write, await self._judge_suspects(write.block)))
            parts.admission.stored(write)
            self._measure_block(admitted, gate_s=started - judged, store_s=time.perf_counter() - started)
            if not is_out:
                self._voted.put_nowait(Voted(vote, time.perf_counter(), self._spans.judged(taken, write.block.height)))
            parts.intake.tell()

    async def _judge_suspects(self, block: BlockRow) -> list[EvidenceRow]:
        suspects = self._suspects.take_before(-1 if block.blocks_offset is None else block.blocks_offset)
        if not suspects:
            return []
        async with self._parts.store.reading() as connection:
            return await judge_suspects(suspects, block, connection=connection, network=self._setting.network)

    async def _publish(self) -> None:
        while True:
            voted = [await self._voted.get()]
            while not self._voted.empty():
                voted.append(self._voted.get_nowait())
            votes = [one.vote for one in voted]
            await publish_votes(self._parts, votes, topic=self._topic, passing=self._setting.passing)
            for one in voted:
                metrics.STAGE_SECONDS.labels("cosign").observe(time.perf_counter() - one.stored)
                self._spans.cosigned(one)

    def _measure_block(self, admitted: Admitted, *, gate_s: float, store_s: float) -> None:
        took = admitted.took
        stages = {"admit": took.admit_s, "tree": took.tree_s, "gate": gate_s, "store": store_s}
        for stage, seconds in stages.items():
            metrics.STAGE_SECONDS.labels(stage).observe(seconds)
        metrics.CHECK_SECONDS.observe(took.admit_s + took.tree_s + store_s)
        block = admitted.write.block
        _log.debug("block stored", height=block.height, size=block.size, rejected=block.rejected)
        self._setting.standing.store(admitted.write.block.height)
        metrics.CHAIN_HEIGHT_BLOCKS.set(admitted.write.block.height)
        measure_admitted(admitted.verdict)
        for row in admitted.write.rejections:
            metrics.EVENTS_REJECTED.labels(row.sector, row.reason).inc()


async def publish_votes(parts: Parts, votes: list[VoteRow], *, topic: str, passing: Passing) -> None:
    """Publish stored votes, in order. Raises Unavailable: the next life then finds which ones the topic lacks."""
    with passed(Step.VOTE, passing):
        await parts.publisher.publish([Outgoing(topic, 0, parts.voter.note(vote)) for vote in votes])


async def live_once(equipment: Equipment) -> None:
    """Open everything in order, run, close everything. Raises exception groups of Unavailable, Conflict, Halted."""
    async with AsyncExitStack() as closing:
        store = await open_store(equipment, closing)
        intake = await open_intake(equipment, store, closing)
        publisher = await closing.enter_async_context(
            Publisher(equipment.settings.kafka, f"vote-{equipment.settings.name}")
        )
        voter, gate, unseen = await recover_votes(equipment, store)
        follower, admission = await open_chain(equipment, store, closing)
        parts = Parts(store, intake, publisher, voter, gate, follower, admission)
        topic = cosignatures_topic(equipment.network.topics)
        if unseen:
            await publish_votes(parts, unseen, topic=topic, passing=equipment.passing)
        intake.tell()
        equipment.standing.run()
        await Core(equipment, parts).run()
