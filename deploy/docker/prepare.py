"""Before the first start in containers: keys, network file, databases and topics; what is there stays as it is.

Environment: LITOPYS_BOOTSTRAP; DATABASE_URL of a database in which others may be created; LITOPYS_NETWORK_FOLDER.
"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from deploy.local.databases import migrate_database
from deploy.local.layout import ORIGIN, PARTITIONS, SEALERS, VALIDATORS
from deploy.local.postgres import GivenPostgres, create_database
from litopys.kafka.address import KafkaAddress
from litopys.kafka.topics import create_topics, network_topics
from litopys.ledger.network import Network
from litopys.ledger.network_file import parse_network
from services.catalogue import sector_names

PROCESS_USER = 10_001  # as the Dockerfile makes it


def main() -> None:
    """Prepare whatever is missing. Raises Unavailable where Kafka does not answer yet: it is started again then."""
    folder = Path(os.environ["LITOPYS_NETWORK_FOLDER"])
    if not (folder / "network.json").exists():
        _draw_keys(folder)
    asyncio.run(_prepare(parse_network((folder / "network.json").read_bytes())))


def _draw_keys(folder: Path) -> None:
    command = [
        *(sys.executable, "-m", "litopys.cli.main", "network", "init", f"--directory={folder}", f"--origin={ORIGIN}"),
        *(f"--validator={name}=http://validator-{name}:8080" for name in VALIDATORS),
        *(f"--sealer={name}" for name in SEALERS),
        *(f"--sector={name}" for name in sector_names()),
        f"--partitions={PARTITIONS}",
    ]
    subprocess.run(command, check=True)
    for path in (folder.parent, folder, *folder.rglob("*")):
        os.chown(path, PROCESS_USER, -1)


async def _prepare(network: Network) -> None:
    server = GivenPostgres(os.environ["DATABASE_URL"])
    kinds = {f"validator_{name}": "ledger" for name in VALIDATORS} | {f"sector_{n}": "sector" for n in sector_names()}
    for name, kind in kinds.items():
        await migrate_database(await create_database(server, name), kind)
    await create_topics(KafkaAddress(os.environ["LITOPYS_BOOTSTRAP"]), network_topics(network))


if __name__ == "__main__":
    main()
