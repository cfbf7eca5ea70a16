"""docker-compose.yml as the real Compose v2 reads it, and the questions that its checks ask of it."""

import json
import os
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from litopys.service.process import SectorSettings
from services.catalogue import sector_names
from services.sealer.settings import SealerSettings
from services.validator.settings import ValidatorSettings
from tests.house.tree import ROOT

# The program itself: what the package puts on the path loses its exit code.
COMPOSE = Path(find_spec("compose").origin).with_name("docker-compose")
PROFILES = {
    "default": (),
    "ha": ("--env-file", "deploy/docker/ha.env"),
    "tools": ("--profile", "tools"),
}
IMAGE = "litopys"
OWN = "/etc/litopys"
DRAWN = "/var/lib/litopys"


def read_composed(text, *options):
    """`docker compose config` over a text that stands where docker-compose.yml does; CalledProcessError if refused."""
    command = [COMPOSE, "--project-directory", ROOT, "--file", "-", *options, "config", "--format", "json"]
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    done = subprocess.run(
        command, input=text, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


@cache
def _composed(profile):
    return json.dumps(read_composed((ROOT / "docker-compose.yml").read_text(), *PROFILES[profile]))


def composed(profile="default"):
    """The project's own file in one profile, for the caller to change."""
    return json.loads(_composed(profile))


def environment(service):
    """What a service is told, without what it is not."""
    return {name: value for name, value in (service.get("environment") or {}).items() if value is not None}


def command(service):
    """The arguments of a service."""
    return service.get("command") or []


def is_ours(service):
    """Whether a service runs our own image."""
    return service["image"].partition(":")[0] == IMAGE


def module(service):
    """What `python -m` is told in one of ours."""
    return command(service)[0] if command(service) else ""


def is_process(service):
    """Whether it is one of our services, and no tool that runs once."""
    return is_ours(service) and module(service).startswith("services.")


def processes(config):
    """Name and service of all that `is_process`."""
    return {name: one for name, one in config["services"].items() if is_process(one)}


def settings_class(service):
    """The class that the process reads its environment with; KeyError for a module that is no process."""
    own = {"services.sealer": SealerSettings, "services.validator": ValidatorSettings}
    return {**own, **{f"services.{name}": SectorSettings for name in sector_names()}}[module(service)]


def load_settings(service):
    """The settings as the process would read them; raises pydantic's ValidationError."""
    with patch.dict(os.environ, environment(service), clear=True):
        return settings_class(service)()


def is_runnable(name):
    """Whether `python -m name` finds something to run."""
    try:
        found = find_spec(name)
        return found is not None and (found.submodule_search_locations is None or find_spec(f"{name}.__main__"))
    except ModuleNotFoundError:
        return False


def own_mounts(service):
    """The folders that a service has of what was drawn: path in the container → path in the volume."""
    return {
        mount["target"]: mount.get("volume", {}).get("subpath", "")
        for mount in service.get("volumes") or []
        if mount["source"] == "keys"
    }


def drawn_file(service, path, drawn):
    """Where in what `prepare` drew (under `drawn`) a path of a container lies; None where nothing is mounted."""
    for target, subpath in own_mounts(service).items():
        if path.startswith(f"{target}/"):
            return drawn / subpath / path.removeprefix(f"{target}/")
    return None


def dependencies(config, name):
    """Every service that has to have come so far before this one starts: name → conditions."""
    found = {}
    waiting = [name]
    while waiting:
        for other, how in (config["services"][waiting.pop()].get("depends_on") or {}).items():
            if other in config["services"]:
                waiting += [] if other in found else [other]
                found.setdefault(other, set()).add(how["condition"])
    return found


def dsn_of(service):
    """The parts of the DSN that a service is given: user, host, database, password file, password; or None."""
    told = environment(service)
    text = told.get("LITOPYS_DATABASE_URL") or told.get("DATABASE_URL")
    if not text:
        return None
    parts = urlsplit(text)
    passfile = parse_qs(parts.query).get("passfile", [""])[0]
    return {
        "user": parts.username,
        "host": parts.hostname,
        "database": parts.path.removeprefix("/"),
        "passfile": passfile,
        "password": parts.password,
    }
