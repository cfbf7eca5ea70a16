"""A whole network in this process, on a real Kafka and a real Postgres: sealer, validators with their HTTP, services.

    async with WholeNetwork.start(kafka, prefix, databases, folder, domains={"toy": DOMAINS}) as whole:
        toy = whole.services["toy"]
        address = await toy.acknowledge("box:b1", opened)
        assert (await toy.settled(address)).state is State.FINAL

A life of any part is ended by cancelling it, as a kill would: what is not in a database or on a topic is gone.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.local.databases import READER, SERVICE, as_role, migrate_database
from deploy.local.layout import url
from deploy.local.ports import LOOPBACK, free_ports
from litopys.errors import Conflict, Unavailable
from litopys.kafka.address import KafkaAddress
from litopys.kafka.granting import grant_permissions
from litopys.kafka.permissions import permissions
from litopys.ledger.amending import amend_network
from litopys.ledger.network import Network
from litopys.postgres.ledger_reading import read_blocks, read_final_height
from litopys.postgres.pool import open_pool, open_reading_pool, transaction
from litopys.postgres.sector_append import append
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_reading import load_stream
from litopys.service.board import Board
from litopys.service.gate import Gate
from litopys.service.in_force import RulesByHeight
from litopys.service.relay import RelayWorld, run_relay
from litopys.service.run import serve
from litopys.service.sse import Feed
from litopys.service.writing import Stream, Writer
from litopys.sourcing.domains import Domain
from litopys.sourcing.facts import Decided
from services.sealer.lives import Setting
from services.sealer.lives import live as live_as_sealer
from services.sealer.settings import SealerSettings
from services.sealer.standing import Standing as SealerStanding
from services.validator.serve import serving_app
from tests.support.live_network import LiveNetwork, RunningValidator
from tests.support.secure_kafka import SecureKafka, kafka_settings
from tests.support.simulated import VALIDATORS, Simulated

if TYPE_CHECKING:
    from litopys.postgres.pool import Pool
    from litopys.postgres.sector_verdicts import Status

Domains = Mapping[str, Mapping[int, Domain]]
MARGIN_BLOCKS = 8


def loading(domains: Domains) -> Callable[[str, int], Domain]:
    """A catalogue of a build that has these rules."""

    def load(sector: str, rules: int) -> Domain:
        if rules not in domains.get(sector, {}):
            raise Unavailable(f"this build lacks rules {rules} of {sector}")
        return domains[sector][rules]

    return load


class Service:
    """One sector: its store, its relay, and clerks who say a thing again until it is acknowledged or refused."""

    def __init__(self, world: RelayWorld, dsn: str) -> None:
        self.world = world
        self.feed = Feed()
        self.gate = Gate(dsn, self.feed)
        self.board = Board(world.pool, self.feed)
        self.acknowledged: list[Address] = []
        self.held_back = 0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def pool(self) -> Pool:
        return self.world.pool

    async def resume(self) -> None:
        self._tasks = [
            asyncio.create_task(part) for part in (run_relay(self.world), self.gate.keep_watching(), self.board.watch())
        ]
        await asyncio.wait_for(self.gate.wait_open(), 60)

    async def pause(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks = []

    async def acknowledge(self, subject: str, *decided: Decided) -> Address:
        """Append events to a stream, trying again after what the world is at fault for. Raises RuleViolated."""
        async with asyncio.timeout(120):
            while True:
                try:
                    return await self.acknowledge_at_once(subject, *decided)
                except (Conflict, Unavailable):
                    self.held_back += 1
                    await asyncio.sleep(0.02)

    async def acknowledge_at_once(self, subject: str, *decided: Decided) -> Address:
        """Append events to a stream; the commit is the acknowledgement. Raises Unavailable where it is held back."""
        stream = await self.stream(subject)
        change, _ = self.world.writer.change(stream, decided, actor="o:1")
        async with transaction(self.pool) as connection:
            await append(connection, [change])
        self.acknowledged += [Address(subject, new.version) for new in change.events]
        return self.acknowledged[-1]

    async def stream(self, subject: str) -> Stream:
        await self.world.writer.follow(self.pool)
        stored = await load_stream(self.pool, subject)
        if stored is None:
            return Stream(subject, 0, None)
        if stored.stopped is not None:
            raise Conflict("being settled")
        return self.world.writer.decode(subject, version=stored.version, state=stored.state)

    async def settled(self, address: Address, timeout_s: float = 60.0) -> Status:
        return await self.board.wait(address, timeout_s)


class WholeNetwork:
    """All parts of one network; each may be paused and resumed."""

    def __init__(self, live: LiveNetwork, network: Network) -> None:
        self.live = live
        self.network = network
        self.validators: dict[str, RunningValidator] = {}
        self.services: dict[str, Service] = {}

    @staticmethod
    @asynccontextmanager
    async def start(
        kafka: KafkaAddress,
        prefix: str,
        databases: Callable[[], str],
        folder: Path,
        *,
        domains: Domains,
        amended: Callable[[Simulated, Network], Sequence[bytes]] = lambda _simulated, _network: (),
        older_builds: Mapping[str, Domains] = {},
        secure: SecureKafka | None = None,
    ) -> AsyncIterator[WholeNetwork]:
        """Start everything. `older_builds` are validators whose build has other rules than `domains`.

        On a `secure` Kafka, whose administrator `kafka` is, every member comes as itself.
        """
        of = secure.address_of if secure else lambda _principal: kafka
        ports = free_ports(len(VALIDATORS))
        simulated = Simulated(sectors=tuple(domains))
        urls = [url(port) for port in ports]
        async with (
            LiveNetwork.start(
                kafka, prefix, simulated=simulated, urls=urls, replication=secure.replication if secure else 1
            ) as live,
            AsyncExitStack() as closing,
        ):
            if secure:
                await grant_permissions(kafka, permissions(live.network))
            live.network = amend_network(live.network, amended(simulated, live.network))
            whole = WholeNetwork(live, live.network)
            for name, port in zip(VALIDATORS, ports, strict=True):
                build = older_builds.get(name, domains)
                validator = await closing.enter_async_context(
                    live.validator(
                        name,
                        databases(),
                        folder,
                        load_domain=loading(build),
                        **kafka_settings(of(f"validator-{name}")),
                    )
                )
                whole.validators[name] = validator
                stopping = asyncio.Event()
                serving = asyncio.create_task(_serve(whole, name, port, stopping))
                closing.push_async_callback(asyncio.wait, [serving])
                closing.callback(stopping.set)
            closing.push_async_callback(
                _cancel, asyncio.create_task(live_as_sealer(_sealer(live, folder, of("sealer-a"))))
            )
            for sector, versions in domains.items():
                place = of(f"sector-{sector}"), databases()
                service = await _service(live, sector, place, versions, closing)
                whole.services[sector] = service
                await service.resume()
                closing.push_async_callback(service.pause)
            yield whole

    async def final_height(self, *names: str) -> int:
        """The greatest final height that any of the validators has stored."""
        heights = []
        for name in names or self.validators:
            async with self.validators[name].pool.acquire() as connection:
                heights.append(await read_final_height(connection))
        return max(heights)

    async def blocks(self, name: str) -> list[tuple[int, bytes, bytes]]:
        """Height, hash and root of every block that a validator has stored."""
        async with self.validators[name].pool.acquire() as connection:
            rows = await read_blocks(connection, first=0, last=1 << 40)
        return [(row.height, row.text_hash, row.root) for row in rows]

    async def rebuilt(self, name: str, domains: Domains) -> None:
        """Start a validator again with another build."""
        validator = self.validators[name]
        await validator.pause()
        validator.equipment = dataclasses.replace(validator.equipment, load_domain=loading(domains))
        validator.resume()


def _sealer(live: LiveNetwork, folder: Path, kafka: KafkaAddress) -> Setting:
    settings = SealerSettings(
        network_file=folder / "network.json", name="a", seal_interval_ms=60, seal_delay_ms=5, **kafka_settings(kafka)
    )
    simulated = live.simulated
    return Setting(settings, live.network, simulated.signer("sealer/a"), simulated.signer("log"), SealerStanding())


async def _service(
    live: LiveNetwork,
    sector: str,
    place: tuple[KafkaAddress, str],
    versions: Mapping[int, Domain],
    closing: AsyncExitStack,
) -> Service:
    kafka, database = place
    await migrate_database(database, "sector")
    dsn = as_role(database, SERVICE)
    pool = await open_pool(dsn, max_size=8)
    closing.push_async_callback(pool.close)
    network = live.network
    rules = RulesByHeight(network, sector, versions, MARGIN_BLOCKS)
    writer = Writer(
        origin=network.origin,
        sector=sector,
        partitions=network.partitions(sector),
        domain=rules.at(0),
        rules=rules,
    )
    return Service(RelayWorld(network, writer, live.simulated.sector(sector), pool, dsn, kafka), dsn)


async def _serve(whole: WholeNetwork, name: str, port: int, stopping: asyncio.Event) -> None:
    validator = whole.validators[name]
    dsn = as_role(validator.database, READER)
    pool = await open_reading_pool(dsn, name="serve", max_size=4)
    app = serving_app(name=name, database_url=dsn, pool=pool, network=whole.network)
    try:
        await serve(app, host=LOOPBACK, port=port, stopping=stopping, stop_timeout_s=1)
    finally:
        pool.terminate()


async def _cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.wait([task])
