"""`make trial`: runs the image as docker-compose.yml says, without an engine, and makes imported events final.

Ours run from the image's root file system, read-only, as the image's user, with Compose's commands, environment,
mounts, order and health checks; Kafka and Postgres from this machine, set as Compose sets them. What runs in other
images is left out, and said. Needs root; docs/images.md tells what is seen.
"""

import argparse
import shutil
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from deploy.local.ports import wait_until
from deploy.local.processes import Process, ProcessFailed
from deploy.trial.composed import ROOT, in_order, read_compose, read_image
from deploy.trial.containers import Container, Ground, draw_addresses
from deploy.trial.servers import Broker, Server, make_volumes

HEALTH_TIMEOUT_S = 120.0
HA = ("--env-file=deploy/docker/ha.env", "--profile=ha")  # a profile on the command line puts aside those of a file
IMPORTED = ("registers", "titles")
EXPORT = "/tmp/sample"  # noqa: S108 -- within the container
WORK = {"source": "work", "target": "/tmp"}  # noqa: S108 -- as `docker compose run --volume work:/tmp` would give it


class Trial:
    """A network in `folder`, of the image in `image_folder`."""

    def __init__(self, folder: Path, image_folder: Path, options: Sequence[str]):
        self.services: Mapping[str, Any] = read_compose("--profile=tools", *options)["services"]
        image = read_image(image_folder / "litopys.tar")
        addresses = draw_addresses(self.services)
        self.ground = Ground(image, (image_folder / "root").resolve(), folder.resolve(), addresses)
        self._started: list[Process] = []

    def run(self, rows: int) -> None:
        """Start everything in order, import, and stop. Raises ProcessFailed, TimeoutError."""
        make_volumes(self.ground, [name for name in self.services if name.startswith("kafka-")], ["keys", "work"])
        self.ground.write_hosts()
        with ExitStack() as stack:
            stack.callback(self.stop)
            self._start(time.monotonic())
            self._import(rows)
            self._look()

    def stop(self) -> None:
        """End what was started, the last first."""
        for process in reversed(self._started):
            process.stop()

    def _start(self, since: float) -> None:
        wanted = [name for name, service in self.services.items() if self._is_ours(service) and name != "tools"]
        for name in in_order(self.services, wanted):
            self._start_one(name)
            print(f"{time.monotonic() - since:6.1f} s  {name}", flush=True)
        for name in wanted:
            if self.services[name]["restart"] != "no":
                self._await_health(name)
        print(f"{time.monotonic() - since:6.1f} s  all are healthy", flush=True)
        print(f"not tried, for their images are others': {', '.join(sorted(set(self.services) - self._tried(wanted)))}")

    def _tried(self, wanted: Sequence[str]) -> set[str]:
        return {*in_order(self.services, wanted), "tools"}

    def _start_one(self, name: str) -> None:
        """Start a service once those are healthy that must be; of several brokers none is before the others run."""
        service = self.services[name]
        for other, wanted in (service.get("depends_on") or {}).items():
            if other in self.services and wanted["condition"] == "service_healthy":
                self._await_health(other)
        runner = self._runner(name)
        if isinstance(runner, Container) and service["restart"] == "no":
            runner.run()
            return
        process = runner.process()
        self._started.append(process)
        process.start()

    def _runner(self, name: str) -> Container | Broker | Server:
        service = self.services[name]
        if self._is_ours(service):
            return Container(name, service, self.ground)
        return Server(service, self.ground) if name == Server.name else Broker(name, service, self.ground)

    def _await_health(self, name: str) -> None:
        runner = self._runner(name)
        process = next((one for one in self._started if one.name == name), None)

        def is_healthy() -> bool:
            if process is not None:
                process.check_alive()
            return runner.is_healthy()

        wait_until(is_healthy, what=f"the health of {name}", timeout_s=HEALTH_TIMEOUT_S, pause_s=0.3)

    def _import(self, rows: int) -> None:
        """A sample is written and imported by the image's own command line; it waits until all is final."""
        sector, sample = IMPORTED
        service = self.services["tools"]
        tools = Container("tools", {**service, "volumes": [*service["volumes"], WORK]}, self.ground)
        print(tools.run("litopys.cli.main", "sample", sector, sample, f"--rows={rows}", f"--output={EXPORT}"), end="")
        database = self.services[sector]["environment"]["LITOPYS_DATABASE_URL"]
        people = ("--actor=migration-1", "--approver=registrar-2")
        where = ("--network=/etc/litopys/network/network.json", f"--database-url={database}")
        print(tools.run("litopys.cli.main", "import", sector, EXPORT, *people, *where), end="")

    def _look(self) -> None:
        """Say what each of ours takes of memory, and that it is who it should be."""
        for process in self._started:
            pid = process.pid()
            if pid is None:
                raise ProcessFailed(f"{process.name} has ended: {process.log_tail()}")
            status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
            user, capabilities = status["Uid"].split()[0], status["CapEff"].strip()
            if self._is_ours(self.services[process.name]) and (user, int(capabilities, 16)) != (str(self._user), 0):
                raise ProcessFailed(f"{process.name} runs as {user} with capabilities {capabilities}")
            print(f"{process.name:24} {int(status['VmRSS'].split()[0]) // 1024:5} MB, uid {user}")

    @property
    def _user(self) -> int:
        return self.ground.user[0]

    def _is_ours(self, service: Mapping[str, Any]) -> bool:
        return str(service["image"]).startswith("litopys:")


def main() -> None:
    """Do what the command line says. Exit code 3 where something does not start."""
    parser = argparse.ArgumentParser(prog="python -m deploy.trial", description=__doc__)
    parser.add_argument("--image", type=Path, default=ROOT / "var" / "image", help="where `make image` left the image")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "trial", help="everything is made anew in it")
    parser.add_argument("--rows", type=int, default=500, help="rows to import")
    parser.add_argument("--ha", action="store_true", help="three brokers")
    given = parser.parse_args()
    if not (given.image / "root").is_dir():
        parser.error(f"{given.image} holds no image: `make image` builds one")
    shutil.rmtree(given.folder, ignore_errors=True)
    given.folder.mkdir(parents=True)
    given.folder.chmod(0o755)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("litopys: ended from outside"))  # what was started is stopped
    try:
        Trial(given.folder, given.image, HA if given.ha else ()).run(given.rows)
    except (ProcessFailed, TimeoutError) as error:
        sys.exit(f"litopys: {error}")


if __name__ == "__main__":
    main()
