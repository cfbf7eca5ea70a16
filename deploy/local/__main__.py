"""`python -m deploy.local up|down|status|logs`: the lasting network under var/."""

import argparse
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from deploy.local.network import LocalNetwork
from deploy.local.processes import ProcessFailed

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Do what the command line says. Exit code 3 where something does not start."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("action", choices=["up", "down", "status", "logs"])
    parser.add_argument("--folder", type=Path, default=ROOT / "var", help="where everything is kept (default: var/)")
    arguments = parser.parse_args()
    actions = {"up": _up, "down": _down, "status": _status, "logs": _logs}
    try:
        actions[arguments.action](arguments.folder)
    except (ProcessFailed, TimeoutError) as error:
        sys.exit(f"litopys: {error}")


def _up(folder: Path) -> None:
    start = time.monotonic()
    network = LocalNetwork(folder)
    started = network.up()
    print(f"started {', '.join(started) or 'nothing: all was running'} ({time.monotonic() - start:.0f} s)")
    _status(folder)


def _down(folder: Path) -> None:
    if not (folder / "litopys.json").exists():
        print("nothing was ever started")
        return
    stopped = LocalNetwork(folder).down()
    print(f"stopped {', '.join(stopped) or 'nothing: none was running'}, Kafka and Postgres")


def _status(folder: Path) -> None:
    command = [sys.executable, "-m", "litopys.cli.main", "status", "--state", str(folder / "litopys.json")]
    sys.exit(subprocess.run(command, cwd=ROOT, check=False).returncode)


def _logs(folder: Path) -> None:
    logs = sorted(str(path) for part in ("processes", "kafka", "postgres") for path in (folder / part).glob("*.log"))
    if not logs:
        sys.exit("litopys: no logs yet: `make up` starts the network")
    with suppress(KeyboardInterrupt):
        subprocess.run(["tail", "-n", "20", "-F", *logs], check=False)


if __name__ == "__main__":
    main()
