"""The lives of a sealer: from an anchor on, one after another after what passes, still for ever after what must not."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from litopys.cancellation import heed_cancellation, in_own_task
from litopys.errors import Conflict, Halted, Malformed, Unavailable, VerificationFailed
from litopys.kafka.election import Election
from litopys.kafka.follower import Follower
from litopys.kafka.producer import Publisher
from litopys.kafka.topics import blocks_topic, cosignatures_topic, events_topic, network_topics, sealers_group
from litopys.ledger.amending import check_amendment_of
from litopys.note.vkeys import parse_signer
from litopys.replica.follow import ChainFollower, chain_positions
from litopys.service.app import create_app
from litopys.service.brokers import wait_for_brokers
from litopys.service.logs import get_log
from litopys.service.measuring import begin_failures, begin_integrity_metrics, measure_halt
from litopys.service.networks import load_network
from litopys.service.run import serve
from litopys.service.validators import Validators, open_client
from litopys.steps import pass_on
from services.sealer.anchor import OVERLAP_BLOCKS, Anchor, beginning, find_anchor, newest_final_block
from services.sealer.ports import KafkaBlocks, KafkaCosignatures
from services.sealer.proposing import Proposer
from services.sealer.signing import COSIGNATURE_FAILURES, LogSigner
from services.sealer.standing import Standing
from services.sealer.topics import TopicReader

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from litopys.ledger.blocks import Block
    from litopys.ledger.network import Network
    from litopys.note.vkeys import Signer
    from litopys.steps import Passing
    from services.sealer.settings import SealerSettings

_FIRST_WAIT_S = 0.2
_LONGEST_WAIT_S = 5.0
_SHORT_TOPIC_RECORDS = 16 * OVERLAP_BLOCKS
_DESCRIPTION = "A sealer: health and metrics only; its blocks are on Kafka and at the validators."

_log = get_log("sealer")


@dataclass(frozen=True, slots=True)
class Setting:
    """What all lives of one sealer share."""

    settings: SealerSettings
    network: Network
    signer: Signer
    log_signer: Signer
    standing: Standing
    passing: Passing = pass_on


def make_setting(settings: SealerSettings) -> Setting:
    """Read the files that the settings name. Raises Malformed, VerificationFailed, OSError."""
    network = load_network(settings.network_file)
    setting = Setting(
        settings=settings,
        network=network,
        signer=_read_signer(settings.key_file, "LITOPYS_KEY_FILE"),
        log_signer=_read_signer(settings.log_key_file, "LITOPYS_LOG_KEY_FILE"),
        standing=Standing(),
    )
    if setting.signer.vkey not in {sealer.key.vkey for sealer in network.sealers if sealer.name == settings.name}:
        raise Malformed(f"the key is not one of sealer {settings.name} in the network file")
    if setting.log_signer.vkey != network.log.vkey:
        raise Malformed("the log key is not that of the network file")
    return setting


def _read_signer(path: Path | None, variable: str) -> Signer:
    if path is None:
        raise Malformed(f"{variable} is not set")
    return parse_signer(path.read_text())


async def run_sealing(setting: Setting, stopping: asyncio.Event) -> None:
    """Seal until `stopping` is set, with /healthz, /readyz and /metrics beside it."""
    settings = setting.settings

    async def ready() -> Mapping[str, str | None]:
        return setting.standing.missing()

    begin_integrity_metrics()
    begin_failures(*COSIGNATURE_FAILURES)
    app = create_app(service="sealer", name=settings.name, description=_DESCRIPTION, ready=ready)
    living = asyncio.create_task(_live_on_sound_brokers(setting))
    living.add_done_callback(lambda _task: stopping.set())
    try:
        await serve(app, host=settings.host, port=settings.port, stopping=stopping)
    finally:
        living.cancel()
        await asyncio.wait([living])
    if not living.cancelled():
        living.result()


async def _live_on_sound_brokers(setting: Setting) -> None:
    standing = setting.standing

    def tell(fault: str) -> None:
        standing.fault = fault

    await wait_for_brokers(setting.settings, network_topics(setting.network), tell=tell)
    await live(setting)


async def live(setting: Setting) -> None:
    """Run one life after another, for ever; raises only what is a defect of ours."""
    wait_s, standing = _FIRST_WAIT_S, setting.standing
    while True:
        try:
            await in_own_task(live_once(setting))
        except* (Unavailable, Conflict) as group:
            standing.fault = _first_text(group)
        except* Halted as group:
            await _keep_still(group, standing)
        heed_cancellation()
        wait_s = _FIRST_WAIT_S if standing.is_following else min(2 * wait_s, _LONGEST_WAIT_S)
        standing.begin()
        _log.warning("starts again", fault=standing.fault, wait_s=round(wait_s, 1))
        await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))


async def live_once(setting: Setting) -> None:
    """Find the anchor, follow from there, propose and sign while elected. Raises groups of Unavailable, Halted."""
    settings, network = setting.settings, setting.network
    anchor = await open_anchor(setting)
    async with AsyncExitStack() as closing:
        starts = chain_positions(network, anchor.head, blocks_offset=anchor.blocks_offset)
        follower = await closing.enter_async_context(Follower(settings.kafka, f"seal-{settings.name}", starts))
        signed = {(cosignatures_topic(network.topics), 0): 0}
        votes = await closing.enter_async_context(Follower(settings.kafka, f"sign-{settings.name}", signed))
        publisher = await closing.enter_async_context(Publisher(settings.kafka, f"seal-{settings.name}"))
        election = Election(
            settings.kafka,
            topic=blocks_topic(network.topics),
            group=sealers_group(network.topics),
            name=f"seal-election-{settings.name}",
            session_timeout_ms=settings.session_timeout_ms,
        )
        proposer = Proposer(
            network=network,
            signer=setting.signer,
            settings=settings,
            chain=ChainFollower(
                network=network, follower=follower, head=anchor.head, buffer_records=settings.buffer_records
            ),
            blocks=KafkaBlocks(
                blocks_topic(network.topics), follower=follower, publisher=publisher, passing=setting.passing
            ),
            seat=await closing.enter_async_context(election),
            standing=setting.standing,
        )
        topic = KafkaCosignatures(
            cosignatures_topic(network.topics), follower=votes, publisher=publisher, passing=setting.passing
        )
        signer = LogSigner(network=network, signer=setting.log_signer, topic=topic, standing=setting.standing)
        setting.standing.is_following = True
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(proposer.run())
            tasks.create_task(signer.run())


async def open_anchor(setting: Setting) -> Anchor:
    """Find where to begin. Raises Unavailable, Halted."""
    settings, network = setting.settings, setting.network
    async with TopicReader(settings.kafka, f"anchor-{settings.name}", blocks_topic(network.topics)) as topic:
        final = await _ask_final(setting, is_long=await topic.end() > _SHORT_TOPIC_RECORDS)
        if final is None:
            return beginning(network)
        _check_amendments(final, network)
        anchor = await find_anchor(final, topic, network=network, used=await _used_partitions(setting))
    _log.info("anchored", height=anchor.head.height, blocks_offset=anchor.blocks_offset)
    return anchor


def _check_amendments(final: Block, network: Network) -> None:
    """Raise Halted where blocks are final under amendments that this sealer does not know: none of its would count."""
    try:
        check_amendment_of(final, network)
    except VerificationFailed as error:
        raise Halted(str(error)) from error


async def _ask_final(setting: Setting, *, is_long: bool) -> Block | None:
    """Ask for the newest final block; None where nobody tells, after some patience where that would cost much."""
    validators = Validators(setting.network, open_client())
    deadline = time.monotonic() + (setting.settings.validators_patience_s if is_long else 0)
    try:
        while True:
            try:
                return await newest_final_block(validators)
            except Unavailable as error:
                if time.monotonic() >= deadline:
                    _log.info("no final block known: follows from the beginning", reason=str(error))
                    return None
            await asyncio.sleep(_FIRST_WAIT_S)
    finally:
        await validators.close()


async def _used_partitions(setting: Setting) -> set[tuple[str, int]]:
    """List the partitions of events that hold records."""
    network = setting.network
    places = {
        (events_topic(network.topics, sector), partition): (sector, partition)
        for sector in network.sector_names
        for partition in range(network.partitions(sector))
    }
    async with Follower(setting.settings.kafka, f"ends-{setting.settings.name}", dict.fromkeys(places, 0)) as follower:
        marks = await follower.watermarks()
    return {places[partition] for partition, (_, end) in marks.items() if end > 0}


async def _keep_still(group: BaseExceptionGroup[Halted], standing: Standing) -> None:
    """Do nothing more, for ever: what was seen must be looked at by people before anything is sealed again."""
    standing.halted = _first_text(group)
    standing.lead(is_leader=False)
    measure_halt(group)
    _log.error("HALTED", reason=standing.halted)
    heed_cancellation()
    await asyncio.Event().wait()


def _first_text(group: BaseExceptionGroup[BaseException]) -> str:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
