"""Role `check`: runs the core, starts it again after what passes, keeps still after what must stop; answers /readyz."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from litopys.cancellation import heed_cancellation, in_own_task
from litopys.errors import Conflict, Halted, Malformed, Unavailable
from litopys.kafka.faults import RecordsGone
from litopys.kafka.topics import network_topics
from litopys.note.vkeys import parse_signer
from litopys.replica.cosignatures import Passed
from litopys.service.app import create_app
from litopys.service.brokers import wait_for_brokers
from litopys.service.logs import get_log
from litopys.service.measuring import begin_failures, begin_integrity_metrics, measure_halt
from litopys.service.networks import load_network
from litopys.service.run import serve
from services.catalogue import load_domain
from services.validator.catching_up import catch_up
from services.validator.core import live_once
from services.validator.equipment import Equipment
from services.validator.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.validator.settings import ValidatorSettings

_FIRST_WAIT_S = 0.2
_LONGEST_WAIT_S = 10.0
_DESCRIPTION = "The checking core of a validator: health and metrics only; its ledger is served by the other role."

_log = get_log("check")


async def run_checking(settings: ValidatorSettings, stopping: asyncio.Event) -> None:
    """Check, store and vote until `stopping` is set."""
    standing = Standing()
    equipment = make_equipment(settings, standing)
    begin_integrity_metrics(one.name for one in equipment.network.validators)
    begin_failures(*(f"cosignature-{one}" for one in Passed), "peer-votes", "peer-head", "peer-ledger")

    async def ready() -> Mapping[str, str | None]:
        return standing.missing()

    app = create_app(service="validator", name=settings.name, description=_DESCRIPTION, ready=ready)
    living = asyncio.create_task(_live_on_sound_brokers(equipment))
    living.add_done_callback(lambda _task: stopping.set())
    try:
        await serve(app, host=settings.host, port=settings.port, stopping=stopping)
    finally:
        living.cancel()
        await asyncio.wait([living])
    if not living.cancelled():
        living.result()


def make_equipment(settings: ValidatorSettings, standing: Standing) -> Equipment:
    """Read the files that the settings name. Raises Malformed, VerificationFailed, OSError."""
    if settings.key_file is None:
        raise Malformed("LITOPYS_KEY_FILE is not set: this validator has no key to cosign with")
    return Equipment(
        settings=settings,
        network=load_network(settings.network_file),
        signer=parse_signer(settings.key_file.read_text()),
        load_domain=load_domain,
        standing=standing,
    )


async def _live_on_sound_brokers(equipment: Equipment) -> None:
    await wait_for_brokers(equipment.settings, network_topics(equipment.network), tell=equipment.standing.fail)
    await live(equipment)


async def live(equipment: Equipment) -> None:
    """Run one life of the core after another, for ever; raises only what is a defect of ours."""
    wait_s, standing = _FIRST_WAIT_S, equipment.standing
    is_kafka_behind, fault = False, ""
    while True:
        standing.begin()
        try:
            if is_kafka_behind:
                await in_own_task(catch_up(equipment))
            is_kafka_behind = False
            await in_own_task(live_once(equipment))
        except* RecordsGone as group:
            fault, is_kafka_behind = first_text(group), True
        except* (Unavailable, Conflict) as group:
            fault = first_text(group)
        except* Halted as group:
            await keep_still(group, standing)
        heed_cancellation()
        wait_s = _FIRST_WAIT_S if standing.is_sound else min(2 * wait_s, _LONGEST_WAIT_S)
        standing.fail(fault)
        _log.warning("core starts again", fault=standing.fault, wait_s=round(wait_s, 1))
        await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))


async def keep_still(group: BaseExceptionGroup[Halted], standing: Standing) -> None:
    """Do nothing more, for ever: integrity is broken, and people must look before anything is signed again."""
    standing.halted = first_text(group)
    measure_halt(group)
    _log.error("HALTED", reason=standing.halted)
    heed_cancellation()
    await asyncio.Event().wait()


def first_text(group: BaseExceptionGroup[BaseException]) -> str:
    """Say what the first error of a group says."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
