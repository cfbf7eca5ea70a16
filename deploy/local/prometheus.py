"""One Prometheus with data of its own: it scrapes the targets that it is told of, and answers queries.

Targets are told by file (file_sd): each with the labels `job` and `name` that the scrape configuration of
`deploy/prometheus/prometheus.yml` gives the same process.
"""

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from deploy.local.debian import find_program
from deploy.local.ports import LOOPBACK, free_ports, wait_until
from deploy.local.processes import Process, ProcessFailed

START_TIMEOUT_S = 30.0
ASK_TIMEOUT_S = 10.0


class QueryRefused(RuntimeError):
    """Prometheus does not answer an expression; the message says why."""


class Target(NamedTuple):
    """A process to scrape: `address` is host:port, its path is /metrics."""

    address: str
    job: str
    name: str


class Sample(NamedTuple):
    """One series of an answer: its labels, and its points as (seconds since 1970, value), one for an instant query."""

    labels: Mapping[str, str]
    points: Sequence[tuple[float, float]]

    @property
    def value(self) -> float:
        """The newest value."""
        return self.points[-1][1]


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A server with its data in `folder` that evaluates the rule files `rules`. Raises ProgramMissing at start."""

    folder: Path
    interval_s: int = 1
    rules: Sequence[Path] = ()
    port: int = field(default_factory=lambda: free_ports(1)[0])

    @property
    def url(self) -> str:
        """Where its HTTP API is."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def process(self) -> Process:
        """Answer the server's process."""
        options = {
            "config.file": self._config_file,
            "storage.tsdb.path": self.folder / "data",
            "web.listen-address": f"{LOOPBACK}:{self.port}",
            "log.level": "warn",
        }
        command = (str(find_program("prometheus")), *(f"--{name}={value}" for name, value in options.items()))
        return Process("prometheus", command, self.folder)

    def start(self, targets: Iterable[Target] = ()) -> None:
        """Start the server and wait until it answers. Raises ProcessFailed, ProgramMissing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._config_file.write_text(json.dumps(self._config()))  # JSON is YAML
        self.scrape(targets)
        self.process.start()
        try:
            wait_until(self._answers, what=f"Prometheus in {self.folder}", timeout_s=START_TIMEOUT_S)
        except TimeoutError as error:
            raise ProcessFailed(f"{error}; its log ends with:\n{self.process.log_tail()}") from error

    def stop(self) -> None:
        """Stop the server; the data stays."""
        self.process.stop()

    def scrape(self, targets: Iterable[Target]) -> None:
        """Scrape these targets from now on and no others."""
        groups = [{"targets": [one.address], "labels": {"job": one.job, "name": one.name}} for one in targets]
        beside = self._targets_file.with_suffix(".new")
        beside.write_text(json.dumps(groups))
        beside.rename(self._targets_file)

    def wait_scraped(self, targets: Iterable[Target], timeout_s: float = START_TIMEOUT_S) -> None:
        """Wait until each target has been scraped with success. Raises TimeoutError."""
        wanted = {(one.job, one.name) for one in targets}

        def are_up() -> bool:
            up = {(one.labels["job"], one.labels["name"]) for one in self.query("up == 1")}
            return wanted <= up

        wait_until(are_up, what=f"Prometheus to scrape {len(wanted)} targets", timeout_s=timeout_s)

    def query(self, expression: str, *, at_s: float | None = None) -> list[Sample]:
        """Evaluate an expression now or at a time (seconds since 1970). Raises QueryRefused."""
        asked = {"query": expression} | ({} if at_s is None else {"time": str(at_s)})
        data = self._ask("query", asked)
        if data["resultType"] == "scalar":
            return [Sample({}, [_point(data["result"])])]
        return [Sample(one["metric"], [_point(one["value"])]) for one in data["result"]]

    def query_range(self, expression: str, *, start_s: float, end_s: float, step_s: float) -> list[Sample]:
        """Evaluate an expression at every step of a stretch of time. Raises QueryRefused."""
        asked = {"query": expression, "start": str(start_s), "end": str(end_s), "step": str(step_s)}
        found = self._ask("query_range", asked)["result"]
        return [Sample(one["metric"], [_point(point) for point in one["values"]]) for one in found]

    def alerts(self) -> list[Mapping[str, Any]]:
        """Answer the alerts that are pending or firing, as the API tells them."""
        found: list[Mapping[str, Any]] = self._ask("alerts", {})["alerts"]
        return found

    @property
    def _config_file(self) -> Path:
        return self.folder / "prometheus.yml"

    @property
    def _targets_file(self) -> Path:
        return self.folder / "targets.json"

    def _config(self) -> dict[str, Any]:
        discovery = [{"files": [str(self._targets_file.resolve())], "refresh_interval": "1s"}]
        every = f"{self.interval_s}s"
        return {
            "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
            "rule_files": [str(rules.resolve()) for rules in self.rules],
            "scrape_configs": [{"job_name": "litopys", "file_sd_configs": discovery}],
        }

    def _answers(self) -> bool:
        self.process.check_alive()
        try:
            with urlopen(f"{self.url}/-/ready", timeout=ASK_TIMEOUT_S) as answer:
                return bool(answer.status == 200)
        except (URLError, ConnectionError):
            return False

    def _ask(self, what: str, asked: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON of several shapes
        try:
            with urlopen(f"{self.url}/api/v1/{what}?{urlencode(asked)}", timeout=ASK_TIMEOUT_S) as answer:
                return json.load(answer)["data"]
        except URLError as error:
            body = error.read().decode(errors="replace") if hasattr(error, "read") else ""
            raise QueryRefused(f"{asked.get('query', what)}: {error} {body}") from error


def check_with_promtool(*arguments: str) -> str:
    """Run promtool and answer what it says. Raises CalledProcessError (with its output), ProgramMissing."""
    command = (str(find_program("promtool")), *arguments)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _point(pair: Sequence[Any]) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])
