"""Each runbook answers the five questions, and its expressions read what there is; that its commands run, e2e shows."""

import re

import pytest
import yaml

from deploy.local.debian import ProgramMissing
from deploy.local.prometheus import check_with_promtool
from tests.support.alert_rules import RUNBOOKS, foreign_series, rules, series_read
from tests.support.metric_list import documented_metrics, series_names
from tests.support.runbooks import HEADINGS, alert_runbooks, blocks, commands, expressions, links

OF_A_CLUSTER = ("kubectl", "kafka-", "systemctl", "journalctl", "openssl")


@pytest.mark.parametrize("file", alert_runbooks(), ids=lambda file: file.stem)
def test_a_runbook_answers_all_questions(file):
    text = file.read_text()
    assert text.startswith(f"# {file.stem}\n")
    assert tuple(re.findall(r"^## (.+)$", text, re.MULTILINE)) == HEADINGS
    assert all(len(part.strip()) > 10 for part in re.split(r"^## .+$", text, flags=re.MULTILINE)[1:])
    assert commands(file) or expressions(file)
    assert all((RUNBOOKS / f"{name}.md").exists() for name in links(file))


@pytest.mark.parametrize("file", alert_runbooks(), ids=lambda file: file.stem)
def test_what_needs_a_cluster_is_marked(file):
    assert not [line for line in commands(file) if line.startswith(OF_A_CLUSTER)]
    assert all(body.strip() for body in blocks(file, "sh"))


def test_expressions_read_series_that_there_are_and_promtool_accepts_them(tmp_path):
    known = series_names(documented_metrics()) | foreign_series() | {r["record"] for r in rules() if "record" in r}
    asked = {line: file.stem for file in alert_runbooks() for line in expressions(file)}
    unknown = {line: series_read(line) - known for line in asked if series_read(line) - known}
    assert not unknown
    recorded = [{"record": f"runbook:line:{nth}", "expr": line} for nth, line in enumerate(asked)]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "runbooks", "rules": recorded}]}))
    try:
        check_with_promtool("check", "rules", str(file))
    except ProgramMissing as missing:
        pytest.skip(str(missing))
