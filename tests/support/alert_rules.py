"""The rule files of deploy/prometheus as data: alerts, recorded series, and what each expression reads."""

import re
from pathlib import Path
from typing import Any

import yaml

from tests.house.tree import ROOT
from tests.support.metric_list import DOCUMENT, documented_metrics, series_names

FOLDER = ROOT / "deploy" / "prometheus"
RUNBOOKS = ROOT / "docs" / "runbooks"
RUNBOOK_BASE = "https://litopys.example/docs/runbooks/"
PROCESS_SERIES = {"process_start_time_seconds", "process_cpu_seconds_total", "process_resident_memory_bytes"}
_KEYWORDS = {"and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring", "group_left", "group_right"}
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_NUMBER_OR_UNIT = re.compile(r"\b\d[\w.]*")
_NAME = re.compile(r"[A-Za-z_:][\w:]*(?!\s*\()(?![\w:])")


def rules(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Answer all rules of all files, in order."""
    files = sorted((folder / "rules").glob("*.yml"))
    return [rule for file in files for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]]


def alerts(folder: Path = FOLDER) -> list[dict[str, Any]]:
    return [rule for rule in rules(folder) if "alert" in rule]


def series_read(expression: str) -> set[str]:
    """Answer the names of the series that a PromQL expression reads."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", expression)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", bare)
    bare = _NUMBER_OR_UNIT.sub(" ", _GROUPING.sub(" ", bare))
    return set(_NAME.findall(bare)) - _KEYWORDS


def foreign_series() -> set[str]:
    """Answer what the list of metrics says that rules may use of others."""
    text = DOCUMENT.read_text()
    return set(re.findall(r"`(\w+)`", text[text.index("## Of others") :])) | PROCESS_SERIES


def unknown_series(folder: Path = FOLDER) -> dict[str, set[str]]:
    """Answer, by rule, the series that nothing makes."""
    known = (
        series_names(documented_metrics()) | foreign_series() | {r["record"] for r in rules(folder) if "record" in r}
    )
    read = {rule.get("alert") or rule["record"]: series_read(rule["expr"]) - known for rule in rules(folder)}
    return {name: unknown for name, unknown in read.items() if unknown}


def cases(folder: Path = FOLDER) -> dict[str, set[bool]]:
    """Answer, by alert, whether the promtool tests have it fire (True) and keep silent (False)."""
    found: dict[str, set[bool]] = {}
    for file in sorted((folder / "tests").glob("*.yml")):
        for test in yaml.safe_load(file.read_text())["tests"]:
            for one in test["promql_expr_test"]:
                (alert,) = re.findall(r'alertname="(\w+)"', one["expr"])
                found.setdefault(alert, set()).add(bool(one["exp_samples"]))
    return found


def wrong_annotations(folder: Path = FOLDER) -> list[str]:
    """Answer the alerts that lack a severity, a summary, a description, or the address of their runbook."""
    wrong = []
    for alert in alerts(folder):
        told, labels = alert["annotations"], alert["labels"]
        if labels.get("severity") not in {"page", "ticket"} or not labels.get("kind"):
            wrong.append(f"{alert['alert']}: severity or kind")
        if not told.get("summary") or not told.get("description"):
            wrong.append(f"{alert['alert']}: summary or description")
        if told.get("runbook_url") != RUNBOOK_BASE + alert["alert"]:
            wrong.append(f"{alert['alert']}: runbook_url")
    return wrong


def runbook_differences(folder: Path = FOLDER) -> set[str]:
    """Answer the alerts without a runbook, and the runbooks of alerts that there are not."""
    return {alert["alert"] for alert in alerts(folder)} ^ {file.stem for file in RUNBOOKS.glob("Litopys*.md")}


def keep_cases_of(alert: str, group: str, folder: Path) -> Path:
    """Leave of a group's promtool tests those of one alert. Answers the file."""
    file = folder / "tests" / f"{group}.yml"
    told = yaml.safe_load(file.read_text())
    told["tests"] = [test for test in told["tests"] if test["name"].startswith(f"{alert} ")]
    file.write_text(yaml.safe_dump(told))
    return file
