"""Rules and configuration of Prometheus: accepted by its own tools, sound against the code, each alert seen to fire."""

import re
import shutil
import subprocess

import pytest

from deploy.local.debian import ProgramMissing, find_program
from deploy.local.prometheus import check_with_promtool
from tests.support import alert_rules
from tests.support.alert_rules import FOLDER, RUNBOOKS, alerts, cases, keep_cases_of, rules, series_read

GROUPS = sorted(file.stem for file in (FOLDER / "rules").glob("*.yml"))


def needed(program):
    try:
        return str(find_program(program))
    except ProgramMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def copy(tmp_path):
    """A copy of the folder to plant mistakes in."""
    shutil.copytree(FOLDER, tmp_path / "prometheus")
    return tmp_path / "prometheus"


def plant(file, is_said, instead):
    text = file.read_text()
    assert is_said in text
    file.write_text(text.replace(is_said, instead))


def refused_by_promtool(*arguments):
    with pytest.raises(subprocess.CalledProcessError) as refused:
        check_with_promtool(*map(str, arguments))
    return refused.value.stdout + refused.value.stderr


def test_promtool_accepts_the_configuration_with_all_rules():
    needed("promtool")
    said = check_with_promtool("check", "config", str(FOLDER / "prometheus.yml"))
    assert said.count("rules found") == len(GROUPS)


def test_amtool_accepts_where_alerts_go():
    done = subprocess.run(
        [needed("amtool"), "check-config", FOLDER / "alertmanager.yml"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ("severity=page kind=integrity", "page"),
        ("severity=page kind=slo", "page"),
        ("severity=ticket kind=disk", "ticket"),
    ],
)
def test_alerts_are_routed_by_severity(labels, receiver):
    routes = [needed("amtool"), "config", "routes", "test", f"--config.file={FOLDER / 'alertmanager.yml'}"]
    assert subprocess.check_output([*routes, *labels.split()], text=True).strip() == receiver


@pytest.mark.parametrize("group", GROUPS)
def test_each_alert_fires_and_is_silent_as_its_cases_say(group):
    needed("promtool")
    check_with_promtool("test", "rules", str(FOLDER / "tests" / f"{group}.yml"))


def test_each_alert_has_a_case_in_which_it_fires_and_one_in_which_it_is_silent():
    assert cases() == {alert["alert"]: {True, False} for alert in alerts()}


def test_each_alert_says_how_bad_it_is_and_what_to_do():
    assert not alert_rules.wrong_annotations()


def test_each_alert_has_a_runbook_and_each_runbook_an_alert():
    assert not alert_rules.runbook_differences()


def test_rules_read_no_series_that_nobody_makes():
    assert not alert_rules.unknown_series()


def test_what_silences_others_names_alerts_that_there_are():
    text, names = (FOLDER / "alertmanager.yml").read_text(), {alert["alert"] for alert in alerts()}
    patterns = re.findall(r'alertname =~? "([^"]+)"', text)
    assert patterns
    assert all(any(re.fullmatch(pattern, name) for name in names) for pattern in patterns)


def test_the_index_of_runbooks_names_each():
    text = (RUNBOOKS / "README.md").read_text()
    assert {alert["alert"] for alert in alerts()} <= set(re.findall(r"\((\w+)\.md\)", text))


@pytest.mark.parametrize(
    ("expression", "read"),
    [
        ('sum by (name) (rate(a_total{job="x",of!~"y|z"}[5m])) / b_sum > 0.5', {"a_total", "b_sum"}),
        ("time() - a:b:c offset 1h > 14 * 86400 and on (name) absent(up) == bool 1", {"a:b:c", "up"}),
        ('label_replace(x, "of", "events", "", "") or y < on () group_left () (1e3 * z)', {"x", "y", "z"}),
    ],
)
def test_the_series_that_an_expression_reads_are_found(expression, read):
    assert series_read(expression) == read


def test_a_wrong_name_of_a_metric_is_refused(copy):
    plant(copy / "rules" / "service.yml", "litopys_outbox_age_seconds", "litopys_outbox_age_second")
    assert alert_rules.unknown_series(copy) == {"LitopysOutboxOld": {"litopys_outbox_age_second"}}
    needed("promtool")
    said = refused_by_promtool("test", "rules", keep_cases_of("LitopysOutboxOld", "service", copy))
    assert "got: nil" in said


def test_an_alert_without_a_runbook_a_severity_or_a_case_is_refused(copy):
    plant(copy / "rules" / "service.yml", "alert: LitopysNoRelay", "alert: LitopysRelayGone")
    plant(copy / "rules" / "integrity.yml", "{severity: ticket, kind: integrity}", "{severity: loud, kind: integrity}")
    assert alert_rules.runbook_differences(copy) == {"LitopysRelayGone", "LitopysNoRelay"}
    assert "LitopysRelayGone: runbook_url" in alert_rules.wrong_annotations(copy)
    assert "LitopysAuditOverdue: severity or kind" in alert_rules.wrong_annotations(copy)
    assert cases(copy).keys() != {alert["alert"] for alert in alerts(copy)}


@pytest.mark.parametrize(
    ("group", "alert", "is_said", "instead", "told"),
    [
        ("integrity", "LitopysHalted", "litopys_halted_state == 1", "litopys_halted_state > 1", "got: nil"),
        ("integrity", "LitopysAuditFailed", "passed_state == 0", "passed_state >= 0", "exp: nil"),
        ("service", "LitopysTargetDown", 'up{job=~"litopys-.*"}', 'up{job=~"litopys_.*"}', "got: nil"),
    ],
)
def test_a_rule_that_never_fires_or_always_does_is_refused(copy, group, alert, is_said, instead, told):
    needed("promtool")
    tests = keep_cases_of(alert, group, copy)
    check_with_promtool("test", "rules", str(tests))
    plant(copy / "rules" / f"{group}.yml", is_said, instead)
    assert told in refused_by_promtool("test", "rules", tests)


def test_broken_rules_and_configuration_are_refused(copy):
    needed("promtool")
    plant(
        copy / "rules" / "service.yml",
        "sum by (sector) (litopys_relay_state) == 0",
        "sum by (sector (litopys_relay_state) == 0",
    )
    assert "LitopysNoRelay" in refused_by_promtool("check", "config", copy / "prometheus.yml")
    assert len(rules(copy)) == len(rules())
