"""`python -m deploy.docker.prepare`: keys, network file and passwords, drawn once; what is there stays as it is.

Environment: LITOPYS_NETWORK_FOLDER, where keys and network file are drawn, and whose parent takes what is handed out to
each service (`handing_out`). LITOPYS_VALIDATOR_URL (optional), `{name}` in it being the validator's.
"""

import os
import subprocess
import sys
from pathlib import Path

from deploy.docker.handing_out import hand_out
from deploy.members import ORIGIN, PARTITIONS, SEALERS, VALIDATORS
from litopys.errors import Malformed
from litopys.ledger.network_file import parse_network
from services.catalogue import sector_names

VALIDATOR_URL = "http://validator-{name}:8080"


def main() -> None:
    """Draw whatever is missing. Raises Malformed where the network was made with other sectors than this build's."""
    folder = Path(os.environ["LITOPYS_NETWORK_FOLDER"])
    if not (folder / "network.json").exists():
        options = network_options(folder, os.environ.get("LITOPYS_VALIDATOR_URL", VALIDATOR_URL))
        subprocess.run([sys.executable, "-m", "litopys.cli.main", "network", "init", *options], check=True)
    check_sectors(folder)
    hand_out(folder.parent)


def network_options(folder: Path, validator_url: str) -> list[str]:
    """Answer what `litopys network init` is told."""
    return [
        *(f"--directory={folder}", f"--origin={ORIGIN}", f"--partitions={PARTITIONS}"),
        *(f"--validator={name}={validator_url.format(name=name)}" for name in VALIDATORS),
        *(f"--sealer={name}" for name in SEALERS),
        *(f"--sector={name}" for name in sector_names()),
    ]


def check_sectors(folder: Path) -> None:
    """Refuse a network that was made with other sectors than this build has: its file names them for good."""
    made = {sector.name for sector in parse_network((folder / "network.json").read_bytes()).sectors}
    differ = made ^ set(sector_names())
    if differ:
        where = "only a new network can have them, or an older image: docs/compose.md"
        raise Malformed(f"network file and image differ in the sectors {', '.join(sorted(differ))}; {where}")


if __name__ == "__main__":
    main()
