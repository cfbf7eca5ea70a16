"""A service of ours, run from the image's root file system as its container would be, but for the engine.

Each service has a loopback address of its own, under its name in the hosts file that all of them see: so each can
listen on the port that Compose says, and nobody beyond this machine is reached.
"""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.processes import Process, ProcessFailed
from deploy.trial.composed import Image

ENTER = Path(__file__).with_name("enter.sh")
NETWORK = "127.0.77"
HEALTH_TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class Ground:
    """What all containers stand on: the image and its files, the volumes' folders, addresses by service, logs."""

    image: Image
    root: Path
    folder: Path
    addresses: Mapping[str, str]

    @property
    def hosts(self) -> Path:
        """The hosts file."""
        return self.folder / "hosts"

    @property
    def user(self) -> tuple[int, int]:
        """Uid and gid that the image runs as."""
        user, group = self.image.user.split(":")
        return int(user), int(group)

    def volume(self, name: str) -> Path:
        """Where the data of a volume is."""
        return self.folder / "volumes" / name

    def write_hosts(self) -> None:
        """Write down who is where."""
        lines = [f"{address} {name}\n" for name, address in self.addresses.items()]
        self.hosts.write_text("127.0.0.1 localhost\n" + "".join(lines))


def draw_addresses(services: Mapping[str, Any]) -> dict[str, str]:
    """Give each service a loopback address of its own."""
    return {name: f"{NETWORK}.{place}" for place, name in enumerate(sorted(services), 1)}


@dataclass(frozen=True, slots=True)
class Container:
    """One service as Compose describes it."""

    name: str
    service: Mapping[str, Any]
    ground: Ground

    def process(self) -> Process:
        """Answer the process that runs its command; SIGTERM ends it as an engine would."""
        command = [*self.ground.image.entrypoint, *self.service["command"]]
        return Process(self.name, self._entered(command), self.ground.folder / "processes")

    def run(self, *command: str) -> str:
        """Run it once, with its own command unless another is given; answers its stdout. Raises ProcessFailed."""
        entered = self._entered([*self.ground.image.entrypoint, *(command or self.service["command"])])
        done = subprocess.run(entered, check=False, capture_output=True, text=True)
        if done.returncode:
            raise ProcessFailed(f"{self.name} ended with {done.returncode}: {done.stderr[-2_000:]}")
        return done.stdout

    def is_healthy(self) -> bool:
        """Ask what its health check asks, in a container like its own."""
        kind, *command = self.service["healthcheck"]["test"]
        if kind != "CMD":
            raise ValueError(f"{self.name}: a health check of the kind {kind} needs a shell")
        entered = self._entered(command)
        try:
            done = subprocess.run(entered, check=False, capture_output=True, timeout=HEALTH_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    def _entered(self, command: Sequence[str]) -> list[str]:
        image, ground = self.ground.image, self.ground
        pairs = [f"{name}={value}" for name, value in self._environment().items()]
        mounts = [self._mount(one) for one in self.service.get("volumes") or []]
        within = ["unshare", "--mount", "--propagation", "private", "sh", str(ENTER)]
        return [
            *("env", "-i", *pairs, *within, str(ground.root), str(ground.hosts), image.user, image.directory),
            *(*mounts, "--", *command),
        ]

    def _environment(self) -> dict[str, str]:
        """What the image says, over it what Compose says, and an address instead of all addresses."""
        told = {**self.ground.image.environment, **(self.service.get("environment") or {})}
        return {**told, "LITOPYS_HOST": self.ground.addresses[self.name]}

    def _mount(self, mount: Mapping[str, Any]) -> str:
        source = self.ground.volume(mount["source"]) / mount.get("volume", {}).get("subpath", "")
        return f"{source}:{mount['target']}:{'ro' if mount.get('read_only') else 'rw'}"
