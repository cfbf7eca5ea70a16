"""Pods against the code that they start: every setting, path, port, probe and command line of theirs."""

import importlib.util
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from unittest import mock

import typer.main
from pydantic import ValidationError

from deploy.docker import bootstrap
from litopys.cli.main import app as command_line
from litopys.service.process import SectorSettings
from services.catalogue import sector_names
from services.sealer.settings import SealerSettings
from services.validator.settings import ValidatorSettings
from tests.support.manifests import COMPONENT, MEMBER, Manifest, containers, environment, expand, files, pods, title

SETTINGS = {"services.sealer": SealerSettings, "services.validator": ValidatorSettings}
SETTINGS |= {f"services.{name}": SectorSettings for name in sector_names()}
ROLES = {"validator-check": "check", "validator-serve": "serve", "sector-http": "http", "sector-relay": "relay"}
_OURS = "/etc/litopys/"
_PATHS = re.compile(r"(?:^|=)(/etc/[^&]+)")


def complaints_of_pods(manifests: list[Manifest]) -> list[str]:
    """Look at every container of ours."""
    return [
        f"{title(workload)}, {container['name']}: {said}"
        for workload, template in pods(manifests)
        for container in containers(template)
        for said in _complaints(container, template, manifests)
    ]


def _complaints(container: Manifest, template: Manifest, manifests: list[Manifest]) -> Iterator[str]:
    told = environment(container, manifests)
    module, *arguments = [expand(argument, told) for argument in container["args"]]
    yield from _of_module(module)
    yield from _of_paths([*told.values(), *arguments], container, template)
    if module in SETTINGS:
        yield from _of_settings(module, told)
        yield from _of_identity(told, template)
        yield from _of_probes(container, told)
        yield from _of_ending(container, template, told)
    elif module == "litopys.cli.main":
        yield from _of_command(arguments)
    elif module == bootstrap.__name__:
        yield from _of_command(["network", "init", *arguments])


def _of_module(module: str) -> Iterator[str]:
    try:
        found = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        found = None
    if found is None or (found.submodule_search_locations and not importlib.util.find_spec(f"{module}.__main__")):
        yield f"python -m {module} starts nothing"


def _of_paths(texts: Iterable[str], container: Manifest, template: Manifest) -> Iterator[str]:
    """Every file that is named must be mounted; a key file from the Secret that holds it."""
    there = {mount.path: mount.source for mount in files(container, template)}
    for path in {path for text in texts for path in _PATHS.findall(text) if path.startswith(_OURS)}:
        source = there.get(path) or there.get(f"{path.rpartition('/')[0]}/*")
        if path.rpartition("/")[0].endswith("/keys"):
            wanted = f"secret/{bootstrap.secret_name(Path(path).name)}/*"
            source = wanted if wanted in _sources(container, template, path) else None
        if source is None:
            yield f"{path} is mounted from nowhere"


def _sources(container: Manifest, template: Manifest, path: str) -> list[str]:
    return [mount.source for mount in files(container, template) if mount.path == f"{path.rpartition('/')[0]}/*"]


def _of_settings(module: str, told: dict[str, str]) -> Iterator[str]:
    """Build the process's settings from exactly what the container is told."""
    settings, ours = SETTINGS[module], {name: value for name, value in told.items() if name.startswith("LITOPYS_")}
    for name in ours:
        if name.removeprefix("LITOPYS_").lower() not in settings.model_fields:
            yield f"{name} is no setting of {module}"
    given = {name: __file__ if value.startswith(_OURS) else value for name, value in ours.items()}
    try:
        with mock.patch.dict(os.environ, given, clear=True):
            settings()
    except ValidationError as error:
        yield from (f"LITOPYS_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors())


def _of_identity(told: dict[str, str], template: Manifest) -> Iterator[str]:
    labels = template["metadata"]["labels"]
    if told.get("LITOPYS_NAME") != labels[MEMBER]:
        yield f"its name is {told.get('LITOPYS_NAME')}, its label says {labels[MEMBER]}"
    if told.get("LITOPYS_ROLE") != ROLES.get(labels[COMPONENT]):
        yield f"its role is {told.get('LITOPYS_ROLE')}, its label says {labels[COMPONENT]}"


def _of_probes(container: Manifest, told: dict[str, str]) -> Iterator[str]:
    """Alive is the process, ready is what it can do; both are asked where it listens."""
    ports = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
    if str(ports.get("http")) != told.get("LITOPYS_PORT"):
        yield f"it listens at {told.get('LITOPYS_PORT')}, its port is {ports.get('http')}"
    for probe, path in (("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")):
        asked = container.get(probe, {}).get("httpGet", {})
        if (asked.get("path"), asked.get("port")) != (path, "http"):
            yield f"its {probe} asks {asked}, not {path} at http"


def _of_ending(container: Manifest, template: Manifest, told: dict[str, str]) -> Iterator[str]:
    """A stopping process has its time to finish open requests, and some beyond that before it is killed."""
    before = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    needed = before + int(told["LITOPYS_STOP_TIMEOUT_S"]) + 10
    if template["spec"].get("terminationGracePeriodSeconds", 30) < needed:
        yield f"it needs {needed} s to end and is killed before"


def _of_command(arguments: list[str]) -> Iterator[str]:
    """Every word of a command line of ours must be a command of it, every option one of that command."""
    command, words = typer.main.get_command(command_line), list(arguments)
    while words and hasattr(command, "commands"):
        name = words.pop(0)
        if name not in command.commands:
            yield f"litopys has no command {name}"
            return
        command = command.commands[name]
    known = {option for parameter in command.params for option in parameter.opts}
    for word in words:
        if word.startswith("--") and word.partition("=")[0] not in known:
            yield f"litopys {command.name} has no option {word}"
