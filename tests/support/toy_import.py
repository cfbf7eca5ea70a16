"""One importing process of the toy sector, to be killed at any moment.

    python -m tests.support.toy_import DSN NETWORK_FILE EXPORT

Says each phase that it comes to on stdout, and at the end what `litopys import --json` would: counts and the like.
"""

import asyncio
import json
import sys
from pathlib import Path

from litopys.ledger.network import Network
from litopys.ledger.network_file import parse_network
from litopys.service.imports import frame as import_frame
from litopys.service.imports import importing
from litopys.service.imports.progress import Progress
from litopys.service.imports.request import ImportRequest
from litopys.service.logs import configure_logs
from tests.support.toy_sector.packings import PACKINGS
from tests.support.toy_sector.sector import TOY

BATCH_ROWS = 20


def say(**told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


async def run(dsn: str, network: Network, export: Path) -> None:
    importing.BATCH_ROWS = BATCH_ROWS
    import_frame._OPENING_S = 0.0
    request = ImportRequest(
        importer=PACKINGS,
        path=export,
        actor="importer:1",
        approver="o:2",
        authority="a ministry",
        basis="order 1",
        as_of="2026-11-01",
        report=export.with_suffix(".report"),
    )

    def tell(progress: Progress) -> None:
        say(phase=progress.phase, read=progress.counts.read)

    done = await importing.import_file(TOY, network=network, dsn=dsn, request=request, on_progress=tell)
    say(**done.counts._asdict(), rejected=done.rejected, vanished=done.vanished, closed=done.is_closed)


if __name__ == "__main__":
    configure_logs(service="import", name="toy")
    asyncio.run(run(sys.argv[1], parse_network(Path(sys.argv[2]).read_bytes()), Path(sys.argv[3])))
