"""Wiring of a sealer's process: settings, keys, one life after another, and /readyz beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from litopys.ledger.network_file import parse_network
from litopys.note.vkeys import parse_signer
from litopys.service.app import create_app
from litopys.service.logs import configure_logs
from litopys.service.run import run_process, serve
from services.sealer.life import Keys, Life
from services.sealer.settings import SealerSettings

_DESCRIPTION = "A sealer: health and metrics only; what it makes stands on Kafka."


def main() -> None:
    """Run a sealer until a signal ends it."""
    settings = SealerSettings()
    configure_logs(service="sealer", name=settings.name, level=settings.log_level)
    run_process(lambda stopping: _run(settings, stopping))


async def _run(settings: SealerSettings, stopping: asyncio.Event) -> None:
    network = parse_network(settings.network_file.read_bytes())
    keys = Keys(parse_signer(settings.key_file.read_text()), parse_signer(settings.log_key_file.read_text()))
    life = Life(settings=settings, network=network, keys=keys)

    async def ready() -> Mapping[str, str | None]:
        return {"chain": life.missing}

    app = create_app(service="sealer", name=settings.name, description=_DESCRIPTION, ready=ready)
    living = asyncio.create_task(life.run())
    living.add_done_callback(lambda _task: stopping.set())
    try:
        await serve(app, host=settings.host, port=settings.port, stopping=stopping)
    finally:
        living.cancel()
        await asyncio.wait([living])
    if not living.cancelled():
        living.result()
