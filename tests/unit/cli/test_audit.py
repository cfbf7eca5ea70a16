"""`litopys audit --url` over a log in memory, and what the command refuses."""

import json
import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from litopys.audit.unproven import UNPROVEN, explain
from litopys.cli import http
from litopys.cli.audit_metrics import NAMES
from litopys.cli.console import WrongUse
from litopys.cli.main import app
from litopys.note.policies import format_policy
from tests.support.served_log import ServedLog

URL = "https://kyiv.example"
DOCUMENT = Path(__file__).parents[3] / "docs" / "auditing.md"


@pytest.fixture
def log(monkeypatch):
    made = ServedLog()
    made.seal([("thing:1", 1, {}), ("thing:2", 1, {}), ("thing:1", 7, {})])
    made.finish()
    monkeypatch.setattr(http, "get", lambda url: made.fetch(url.removeprefix(URL)))
    monkeypatch.setattr("litopys.cli.audit.installed_rules", lambda: None)
    return made


@pytest.fixture
def files(log, tmp_path):
    (tmp_path / "network.json").write_bytes(log.simulated.file())
    (tmp_path / "policy").write_text(format_policy(log.network.policy()))
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, ["audit", *map(str, arguments)])


def test_an_honest_log_with_the_network_file(log, files):
    done = run("--url", f"{URL}/", "--network", files / "network.json")
    assert done.exit_code == 0, done.output
    assert "VALID" in done.stdout
    assert "checked: 3 entries" in done.stdout
    assert "not checked: rules 1 of registers" in done.stdout


def test_with_the_policy_alone_it_says_what_it_could_not_check(log, files):
    done = run("--url", URL, "--policy", files / "policy")
    assert done.exit_code == 0
    assert "not checked: signatures of sectors and sealers" in done.stdout


def test_a_finding_ends_with_1_and_names_its_place(log, files):
    log.files["/tile/0/000.p/3"] = bytes(96)
    done = run("--url", URL, "--network", files / "network.json", "--json")
    assert done.exit_code == 1
    answer = json.loads(done.stdout)
    assert answer["verdict"] == "FAILED"
    assert answer["findings"] == [
        {"place": "tile", "key": "level 0, index 0", "what": "hashes are not those of the entries"}
    ]


def test_a_checkpoint_is_remembered_and_gone_on_from(log, files):
    kept = files / "last.checkpoint"
    arguments = ("--url", URL, "--network", files / "network.json")
    assert run(*arguments, "--remember", kept).exit_code == 0
    assert kept.read_bytes() == log.files["/checkpoint"]
    log.seal([("thing:1", 2, {})])
    log.finish()
    assert run(*arguments, "--since", kept, "--remember", kept).exit_code == 0
    assert kept.read_bytes() == log.files["/checkpoint"]


def test_what_does_not_hold_is_not_remembered(log, files):
    log.files["/tile/0/000.p/3"] = bytes(96)
    run("--url", URL, "--network", files / "network.json", "--remember", files / "last")
    assert not (files / "last").exists()


def samples(file):
    families = text_string_to_metric_families(file.read_text())
    return {one.name: (one.labels, one.value) for family in families for one in family.samples}


def test_the_outcome_is_told_to_the_textfile_collector(log, files):
    file = files / "kyiv.prom"
    arguments = ("--url", URL, "--network", files / "network.json", "--textfile", file)
    assert run(*arguments).exit_code == 0
    told = samples(file)
    assert told.keys() == NAMES.keys()
    assert all(labels == {"validator": URL} for labels, _ in told.values())
    assert told["litopys_audit_passed_state"][1] == 1
    assert abs(told["litopys_audit_end_seconds"][1] - time.time()) < 60
    log.files["/tile/0/000.p/3"] = bytes(96)
    assert run(*arguments).exit_code == 1
    assert samples(file)["litopys_audit_passed_state"][1] == 0
    assert samples(file)["litopys_audit_finding_pieces"][1] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--url", URL, "--validator", "kyiv"),
        ("--database", "postgresql://nowhere", "--policy", "policy"),
        ("--validator", "kyiv", "--state", "nowhere.json"),
        ("--url", URL, "--network", "nowhere.json"),
        ("--database", "postgresql://nowhere", "--textfile", "outcome.prom"),
    ],
)
def test_wrong_uses(log, arguments):
    done = run(*arguments)
    assert isinstance(done.exception, WrongUse)


def test_the_list_of_what_is_unproven_is_printed_and_published():
    assert run("--explain").stdout.strip() == explain()
    text = DOCUMENT.read_text()
    for table, column, reason, where in UNPROVEN:
        assert f"| `{table}` | {column}{f' ({where})' if where else ''} | {reason} |" in text
