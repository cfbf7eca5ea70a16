"""A simulated network on a real Kafka: plays the sectors, the sealer, the log and any validator, honestly or not.

    async with LiveNetwork.start(kafka, prefix) as live:
        await live.publish("thing:1")
        block = await live.seal()
        async with live.validator("kyiv", database) as kyiv:
            await kyiv.reached(height=0)

Whoever wants to lie takes `live.simulated`, makes the bytes, and puts them on a topic with `put`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.local.databases import SERVICE, as_role, migrate_database
from litopys.kafka.address import KafkaAddress
from litopys.kafka.producer import Publisher
from litopys.kafka.records import Outgoing, signed_headers
from litopys.kafka.topics import blocks_topic, cosignatures_topic, create_topics, events_topic, network_topics
from litopys.ledger.blocks import Block
from litopys.ledger.network import Network
from litopys.ledger.records import Record
from litopys.note.checkpoints import Checkpoint
from litopys.postgres import ledger_identity as identity
from litopys.postgres import ledger_reading as reading
from litopys.postgres.pool import open_pool, transaction
from litopys.steps import Passing, pass_on
from services.validator.check import live
from services.validator.equipment import Equipment
from services.validator.settings import ValidatorSettings
from services.validator.standing import Standing
from tests.support.cutting import live_again_after_kills
from tests.support.simulated import Counting, Simulated

if TYPE_CHECKING:
    from litopys.postgres.pool import Pool

WAIT_S = 30.0


class CountingDomain(Counting):
    """The counting rules with the codec of states that a store needs."""

    def encode_state(self, state: int | None) -> bytes:
        return json.dumps(state).encode()

    def decode_state(self, _aggregate: str, data: bytes) -> Any:
        return json.loads(data)


async def until(condition: Callable[[], Awaitable[Any]], *, what: str, timeout_s: float = WAIT_S) -> Any:
    """Ask again and again until the answer is true; returns it. Fails with `what` after `timeout_s`."""
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout_s
    while not (answer := await condition()):
        if loop.time() > end:
            raise AssertionError(f"not within {timeout_s} s: {what}")
        await asyncio.sleep(0.02)
    return answer


class LiveNetwork:
    """One network: its keys, its topics, and what has been published and sealed so far."""

    def __init__(self, simulated: Simulated, network: Network, file: bytes, kafka: KafkaAddress, publisher: Publisher):
        self.simulated = simulated
        self.network = network
        self.file = file
        self.kafka = kafka
        self.publisher = publisher
        self.height = -1
        self.previous = network.digest
        self.unsealed: list[Record] = []
        self.offsets: dict[tuple[str, int], int] = {}

    @staticmethod
    @asynccontextmanager
    async def start(
        kafka: KafkaAddress,
        prefix: str,
        *,
        simulated: Simulated | None = None,
        urls: Sequence[str] = (),
        replication: int = 1,
    ) -> AsyncIterator[LiveNetwork]:
        """Make the topics of a fresh network; `urls` are those of the validators, in order."""
        simulated = simulated or Simulated()

        def change(document: dict[str, Any]) -> None:
            document["topics"] = prefix
            for validator, url in zip(document["validators"], urls, strict=False):
                validator["url"] = url
            for validator in document["validators"][len(urls) :]:
                validator["url"] = "http://127.0.0.1:9"

        file = simulated.file(change)
        network = simulated.network(change)
        await create_topics(kafka, network_topics(network), replication=replication)
        async with Publisher(kafka, "simulated") as publisher:
            yield LiveNetwork(simulated, network, file, kafka, publisher)

    @property
    def bootstrap(self) -> str:
        """What settings say of its Kafka."""
        return self.kafka.bootstrap

    async def put(self, topic: str, value: bytes, *, partition: int = 0, headers: Any = ()) -> int:
        """Write any record; returns its offset."""
        return (await self.publisher.publish([Outgoing(topic, partition, value, headers)]))[0]

    async def publish(self, subject: str, version: int = 1, *, sector: str = "registers", **changes: Any) -> Record:
        """Sign and publish an event as its sector would."""
        record = self.simulated.record_of(subject, version, sector=sector, offset=0, **changes)
        return await self.publish_record(record)

    async def publish_record(self, record: Record) -> Record:
        """Publish a record as it is, at whatever offset comes."""
        return (await self.publish_records([record]))[0]

    async def publish_records(self, records: Sequence[Record]) -> list[Record]:
        """Publish records as they are; they wait for the next `seal`."""
        outgoing = [
            Outgoing(events_topic(self.network.topics, r.sector), r.partition, r.value, signed_headers(r.signature))
            for r in records
        ]
        offsets = await self.publisher.publish(outgoing)
        placed = [record._replace(offset=offset) for record, offset in zip(records, offsets, strict=True)]
        self.unsealed += placed
        return placed

    def next_block(self) -> Block:
        """The block that an honest sealer would propose over all that is not sealed."""
        height = self.height + 1
        return self.simulated.block(height, self.previous, self.unsealed, self.network.amendment(height))

    async def seal(self) -> Block:
        """Seal all published records into the next block."""
        block = self.next_block()
        await self.put(blocks_topic(self.network.topics), self.simulated.block_note(block))
        self.height, self.previous, self.unsealed = block.height, block.hash, []
        return block

    async def vote(self, checkpoint: Checkpoint, *names: str) -> None:
        """Publish cosignatures of a body by these validators, and by `log` its line."""
        for name in names:
            note = self.simulated.log_note if name == "log" else None
            value = note(checkpoint) if note else self.simulated.vote(checkpoint, name)
            await self.put(cosignatures_topic(self.network.topics), value)

    def checkpoint(self, size: int, root: bytes) -> Checkpoint:
        return Checkpoint(self.network.origin, size, root)

    @asynccontextmanager
    async def validator(
        self,
        name: str,
        database: str,
        folder: Path,
        *,
        passing: Passing = pass_on,
        load_domain: Any = None,
        **settings: Any,
    ) -> AsyncIterator[RunningValidator]:
        """Run the checking core of a validator in this process."""
        running = RunningValidator(self, name, database, folder, passing, settings)
        if load_domain is not None:
            running.equipment = dataclasses.replace(running.equipment, load_domain=load_domain)
        await running.start()
        try:
            yield running
        finally:
            await running.stop()


class RunningValidator:
    """The core of one validator as a task, with a pool of the administrator's to look into its database, or worse."""

    def __init__(
        self,
        live_network: LiveNetwork,
        name: str,
        database: str,
        folder: Path,
        passing: Passing,
        settings: dict[str, Any],
    ):
        file = folder / "network.json"
        file.write_bytes(live_network.file)
        self.standing = Standing()
        self.database = database
        self.equipment = Equipment(
            settings=ValidatorSettings(
                network_file=file,
                database_url=as_role(database, SERVICE),
                name=name,
                role="check",
                **({"bootstrap": live_network.bootstrap, "peer_interval_s": 3600.0, "peer_timeout_s": 0.5} | settings),
            ),
            network=live_network.network,
            signer=live_network.simulated.signer(f"validator/{name}"),
            load_domain=lambda _sector, _rules: CountingDomain(),  # type: ignore[return-value,arg-type]
            standing=self.standing,
            passing=passing,
        )
        self.live_network = live_network
        self.pool: Pool
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await migrate_database(self.database, "ledger")
        self.pool = await open_pool(self.database)
        self.resume()

    def resume(self) -> None:
        """Start the core (again)."""
        self._task = asyncio.create_task(live_again_after_kills(lambda: live(self.equipment)))

    async def pause(self) -> None:
        """Kill the core where it stands; the database stays."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def stop(self) -> None:
        await self.pause()
        await self.pool.close()

    async def reached(self, *, height: int) -> reading.BlockRow:
        """Wait until the block of this height is stored; returns it."""

        async def stored() -> reading.BlockRow | None:
            self._check()
            async with self.pool.acquire() as connection:
                return await reading.read_block(connection, height)

        return await until(stored, what=f"height {height}, {self.standing.missing()}")

    async def final(self, *, height: int) -> None:
        """Wait until a height is final here."""

        async def is_final() -> bool:
            self._check()
            async with self.pool.acquire() as connection:
                return await reading.read_final_height(connection) >= height

        await until(is_final, what=f"final height {height}, {self.standing.missing()}")

    async def halted(self) -> str:
        """Wait until it stands still; returns why."""

        async def is_halted() -> str | None:
            self._check()
            return self.standing.halted

        return await until(is_halted, what="that it halts")

    async def evidence(self, *, kind: str) -> list[Any]:
        """Wait for evidence of a kind; returns it."""

        async def found() -> list[Any]:
            self._check()
            return await self.pool.fetch("select * from evidence where kind = $1 order by size, who", kind)

        return await until(found, what=f"evidence of {kind}")

    async def rejected(self, height: int) -> list[tuple[int, int, str]]:
        """The refused records of a stored block: partition, offset, reason."""
        await self.reached(height=height)
        async with self.pool.acquire() as connection:
            return [(r.partition, r.offset, r.reason) for r in await reading.read_rejections(connection, height=height)]

    async def finalise(self, *, height: int, names: Sequence[str] = ("lviv", "odesa", "dnipro", "log")) -> Checkpoint:
        """Let others cosign what this validator stored at a height, and the log sign it."""
        block = await self.reached(height=height)
        checkpoint = self.live_network.checkpoint(block.size, block.root)
        await self.live_network.vote(checkpoint, *names)
        return checkpoint

    def _check(self) -> None:
        if self._task is not None and self._task.done():
            self._task.result()


async def own_votes(pool: Pool) -> list[tuple[int, int | None]]:
    """Size and height of every vote of a validator, in order."""
    rows = await pool.fetch("select size, height from vote order by size")
    return [(row["size"], row["height"]) for row in rows]


async def on_topic(live_network: LiveNetwork, topic: str) -> list[bytes]:
    """Every value of a one-partition topic."""
    from litopys.kafka.follower import Follower  # noqa: PLC0415

    async with Follower(live_network.kafka, "look", {(topic, 0): 0}) as follower:
        _, end = (await follower.watermarks())[topic, 0]
        values: list[bytes] = []
        while len(values) < end:
            values += [record.value for record in await follower.read(1.0)]
        return values


__all__ = [
    "CountingDomain",
    "LiveNetwork",
    "RunningValidator",
    "identity",
    "on_topic",
    "own_votes",
    "transaction",
    "until",
]
