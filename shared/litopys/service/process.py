"""The process of a sector: role `http` serves, role `relay` relays, without a role it does both."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Literal

from litopys.errors import Malformed
from litopys.event.signatures import make_sector_signer
from litopys.kafka.topics import blocks_topic, cosignatures_topic, network_topics
from litopys.note.vkeys import parse_signer
from litopys.postgres.grants import check_database
from litopys.postgres.pool import connect, failures, open_pool
from litopys.postgres.sector_requests import load_digest_key
from litopys.postgres.sector_verdicts import load_final_head
from litopys.service import metrics
from litopys.service.app import create_app
from litopys.service.board import Board
from litopys.service.brokers import wait_for_brokers
from litopys.service.carrying import open_carrying
from litopys.service.gate import Gate
from litopys.service.http.application import SectorWorld, sector_app
from litopys.service.in_force import RulesByHeight
from litopys.service.logs import configure_logs, get_log
from litopys.service.measuring import begin_failures, measure_certificate
from litopys.service.networks import load_network
from litopys.service.relay import RelayWorld, run_relay
from litopys.service.run import run_process, serve
from litopys.service.search.building import build_searches
from litopys.service.search.indexing import Indexing
from litopys.service.settings import ProcessSettings
from litopys.service.sse import Feed
from litopys.service.tokens import load_token_key
from litopys.service.tracing import begin_tracing
from litopys.service.validators import Validators, open_client
from litopys.service.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fastapi import FastAPI

    from litopys.event.signatures import SectorSigner
    from litopys.ledger.network import Network
    from litopys.postgres.pool import Pool
    from litopys.service.carrying import Carrying
    from litopys.service.sector import Sector

_POOL = 12

_log = get_log("process")


class SectorSettings(ProcessSettings):
    """Settings of a sector's process."""

    role: Literal["", "http", "relay"] = ""


def main(sector: Sector) -> None:
    """Run a sector's process until a signal ends it."""
    settings = SectorSettings()
    if settings.name != sector.name:
        raise Malformed(f"LITOPYS_NAME is {settings.name}, and this is {sector.name}")
    configure_logs(service="sector", name=settings.name, level=settings.log_level)
    begin_tracing(settings.otlp_endpoint, service="sector", name=settings.name)
    run_process(lambda stopping: run_sector(sector, settings, stopping))


async def run_sector(sector: Sector, settings: SectorSettings, stopping: asyncio.Event) -> None:
    """Serve and relay until `stopping` is set. Raises Halted when integrity is broken, Unavailable at start."""
    measure_certificate(settings.kafka_certificate_file)
    begin_failures("validator")
    metrics.RELAY.labels(sector.name).set(0)
    metrics.STREAMS_REWOUND.labels(sector.name)
    async with AsyncExitStack() as stack:
        network = load_network(settings.network_file)
        await check_store(settings.database_url)
        pool = await open_pool(settings.database_url, name=f"litopys-{sector.name}", max_size=_POOL)
        stack.push_async_callback(pool.close)
        writer = await open_writer(sector, network, pool)
        feed, acknowledged = Feed(), Feed()
        gate = Gate(settings.database_url, feed)
        carrying = open_carrying(sector, pool=pool, writer=writer, gate=gate, feed=feed, acknowledged=acknowledged)
        app = await _app(
            settings, stack, network=network, writer=writer, pool=pool, gate=gate, feed=feed, carrying=carrying
        )
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(gate.keep_watching())]
            if settings.role != "http":
                world = RelayWorld(
                    network,
                    writer,
                    _signer(settings.key_file),
                    pool,
                    settings.database_url,
                    settings.kafka,
                    acknowledged=acknowledged,
                )
                tasks.append(group.create_task(_relay_on_sound_brokers(settings, world)))
            await serve(
                app,
                host=settings.host,
                port=settings.port,
                stopping=stopping,
                stop_timeout_s=settings.stop_timeout_s,
            )
            for task in tasks:
                task.cancel()


async def _relay_on_sound_brokers(settings: SectorSettings, world: RelayWorld) -> None:
    topics = network_topics(world.network)
    seen = (world.topic, blocks_topic(world.network.topics), cosignatures_topic(world.network.topics))
    await wait_for_brokers(settings, {topic: topics[topic] for topic in seen})
    await run_relay(world)


async def check_store(dsn: str) -> None:
    """Check that a sector's database was migrated. Raises SchemaBehind, SchemaAhead, MigrationDrift, Unavailable."""
    connection = await connect(dsn, name="litopys-start")
    try:
        await check_database(connection, "sector")
    finally:
        await connection.close()


async def open_writer(sector: Sector, network: Network, pool: Pool) -> Writer:
    """Make the writer under the rules in force for the next block, and bring the store's searches to this build.

    Raises Unavailable where this build lacks the rules.
    """
    with failures():
        head = await load_final_head(pool)
        digest_key = await load_digest_key(pool)
    rules = RulesByHeight(network, sector.name, sector.domains)
    writer = Writer(
        origin=network.origin,
        sector=sector.name,
        partitions=network.partitions(sector.name),
        domain=rules.at(head.height + 1),
        indexing=Indexing(sector.searches, digest_key),
        rules=rules,
    )
    writer.reached(head.height)
    await build_searches(pool, writer)
    return writer


async def _app(
    settings: SectorSettings,
    stack: AsyncExitStack,
    *,
    network: Network,
    writer: Writer,
    pool: Pool,
    gate: Gate,
    feed: Feed,
    carrying: Carrying,
) -> FastAPI:
    sector = carrying.carrier.sector
    if settings.role == "relay":
        return _relay_app(sector.name, gate)
    board = Board(pool, feed)
    validators = Validators(network, open_client())
    stack.push_async_callback(validators.close)
    watching = asyncio.create_task(board.watch())
    stack.push_async_callback(_cancelled, watching)
    with failures():
        digest_key = await load_digest_key(pool)
    stack.push_async_callback(_cancelled, asyncio.create_task(carrying.run()))
    world = SectorWorld(
        sector=sector,
        writer=writer,
        pool=pool,
        gate=gate,
        feed=feed,
        board=board,
        validators=validators,
        token_key=None if settings.token_key is None else load_token_key(settings.token_key),
        digest_key=digest_key,
        max_body_bytes=settings.max_body_bytes,
        carrying=carrying,
    )
    return sector_app(world)


def _relay_app(name: str, gate: Gate) -> FastAPI:
    async def ready() -> Mapping[str, str | None]:
        return {"topic": None if gate.is_open else "no relay of this sector has caught up with its topic"}

    return create_app(service="relay", name=name, description="The relay of a sector.", ready=ready)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _signer(path: Path | None) -> SectorSigner:
    if path is None:
        raise Malformed("LITOPYS_KEY_FILE names no signer file, and a relay signs")
    return make_sector_signer(parse_signer(path.read_text()))
