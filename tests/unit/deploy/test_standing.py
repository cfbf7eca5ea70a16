"""The sentence on the wall and the states of validators, as Prometheus computes them of made-up series."""

import json
from subprocess import CalledProcessError

import pytest

from deploy.grafana.pages.standing import LEDGER_LOOK, LEDGER_STATE, VALIDATOR_LOOK, VALIDATOR_STATE
from deploy.local.debian import ProgramMissing
from deploy.local.prometheus import check_with_promtool

NAMES = ("kyiv", "lviv", "odesa", "dnipro")
CHECK, SEALER, SECTOR = "litopys-validator-check", "litopys-sealer", "litopys-sector"


def series(name, job, member, **labels):
    matchers = {"job": job, "name": member, **labels}
    inside = ", ".join(f'{key}="{value}"' for key, value in matchers.items())
    return f"{name}{{{inside}}}"


def healthy():
    """Everything that the two expressions look at, as it stands while all is well."""
    found = {}
    for name in NAMES:
        found |= {
            series("up", CHECK, name): "1",
            series("litopys_ready_state", CHECK, name): "1",
            series("litopys_halted_state", CHECK, name): "0",
            series("litopys_final_height_blocks", CHECK, name): "1000",
            series("litopys_chain_height_blocks", CHECK, name): "1001",
            series("litopys_final_age_seconds", CHECK, name): "1",
            series("litopys_evidence_kept_pieces", CHECK, name, reason="double-vote"): "0",
            series("litopys_evidence_kept_pieces", CHECK, name, reason="lost-race"): "0",
        }
    for name, leads in (("a", "1"), ("b", "0")):
        found |= {
            series("up", SEALER, name): "1",
            series("litopys_ready_state", SEALER, name): "1",
            series("litopys_halted_state", SEALER, name): "0",
            series("litopys_leader_state", SEALER, name): leads,
        }
    registers = {"sector": "registers"}
    return found | {
        series("up", SECTOR, "registers"): "1",
        series("litopys_ready_state", SECTOR, "registers"): "1",
        series("litopys_unfinal_age_seconds", SECTOR, "registers", **registers): "0",
    }


def gone(job, *names):
    """A process that Prometheus no longer reaches: of its series only `up` is left."""

    def change(found):
        for name in names:
            marks = (f'job="{job}"', f'name="{name}"')
            for one in [one for one in found if all(mark in one for mark in marks)]:
                if one.startswith("up{"):
                    found[one] = "0"
                else:
                    del found[one]

    return change


def told(metric, job, member, value, **labels):
    def change(found):
        assert series(metric, job, member, **labels) in found
        found[series(metric, job, member, **labels)] = value

    return change


def all_of(*changes):
    def change(found):
        for one in changes:
            one(found)

    return change


def forget_all(found):
    found.clear()


WAITS = told("litopys_unfinal_age_seconds", SECTOR, "registers", "61", sector="registers")
OLD = all_of(*(told("litopys_final_age_seconds", CHECK, name, "90") for name in NAMES))
IDLE = OLD
LEDGER = {
    "all as it should be": (all_of(), "All is well"),
    "nobody writes": (IDLE, "All is well"),
    "no targets": (forget_all, "Cannot see the ledger"),
    "sectors are not seen": (
        lambda found: [found.pop(one) for one in list(found) if SECTOR in one],
        "Cannot see the ledger",
    ),
    "a sector away": (gone(SECTOR, "registers"), "Working, a part is missing"),
    "a validator away": (gone(CHECK, "lviv"), "Working, a part is missing"),
    "a stand-by sealer away": (gone(SEALER, "b"), "Working, a part is missing"),
    "not ready": (told("litopys_ready_state", CHECK, "lviv", "0"), "Working, a part is missing"),
    "an import": (WAITS, "Working, but records wait"),
    "a stall": (all_of(WAITS, OLD), "New records do not become final"),
    "two validators away": (gone(CHECK, "lviv", "odesa"), "New records do not become final"),
    "all validators away": (gone(CHECK, *NAMES), "New records do not become final"),
    "nobody seals": (told("litopys_leader_state", SEALER, "a", "0"), "New records do not become final"),
    "all sealers away": (gone(SEALER, "a", "b"), "New records do not become final"),
    "a lost race": (
        told("litopys_evidence_kept_pieces", CHECK, "kyiv", "0 1x200", reason="lost-race"),
        "All is well",
    ),
    "a lie": (
        told("litopys_evidence_kept_pieces", CHECK, "kyiv", "0 1x200", reason="double-vote"),
        "Evidence of a lie was found",
    ),
    "an old lie": (
        told("litopys_evidence_kept_pieces", CHECK, "kyiv", "1x200", reason="double-vote"),
        "All is well",
    ),
    "a sealer stands still": (told("litopys_halted_state", SEALER, "a", "1"), "STOPPED to keep evidence"),
    "a validator stands still": (told("litopys_halted_state", CHECK, "odesa", "1"), "STOPPED to keep evidence"),
}
LVIV = {
    "as it should be": (all_of(), "agrees"),
    "away": (gone(CHECK, "lviv"), "away"),
    "not ready": (told("litopys_ready_state", CHECK, "lviv", "0"), "not ready"),
    "some blocks behind": (told("litopys_chain_height_blocks", CHECK, "lviv", "990"), "agrees"),
    "behind": (told("litopys_chain_height_blocks", CHECK, "lviv", "900"), "behind"),
    "stands still": (
        all_of(
            told("litopys_halted_state", CHECK, "lviv", "1"),
            told("litopys_ready_state", CHECK, "lviv", "0"),
            told("litopys_chain_height_blocks", CHECK, "lviv", "900"),
        ),
        "STOPPED: contradiction",
    ),
}


def code(look, text):
    (found,) = [word.low for word in look.words if word.text == text]
    return found


def case(expression, change, expected):
    """What promtool is to compute ten minutes after the series began."""
    found = healthy()
    change(found)
    given = [
        {"series": one, "values": value if "x" in value else f"{value}x200"} for one, value in sorted(found.items())
    ]
    samples = [{"labels": labels, "value": value} for labels, value in expected.items()]
    asked = {"expr": expression, "eval_time": "10m", "exp_samples": samples}
    return {"interval": "15s", "input_series": given, "promql_expr_test": [asked]}


def ledger_case(change, sentence):
    return case(LEDGER_STATE, change, {"{}": code(LEDGER_LOOK, sentence)})


def validator_case(change, word):
    states = dict.fromkeys(NAMES, code(VALIDATOR_LOOK, "agrees")) | {"lviv": code(VALIDATOR_LOOK, word)}
    return case(VALIDATOR_STATE, change, {f'{{name="{name}"}}': state for name, state in states.items()})


def check(file, cases):
    """Raises CalledProcessError where one is not as expected; one process for all of them, for each takes its time."""
    file.write_text(json.dumps({"tests": cases}))
    try:
        check_with_promtool("test", "rules", str(file))
    except ProgramMissing as missing:
        pytest.skip(str(missing))


def test_the_wall_says_what_is_the_case_and_validators_are_in_the_state_in_which_they_are(tmp_path):
    cases = [ledger_case(*one) for one in LEDGER.values()] + [validator_case(*one) for one in LVIV.values()]
    try:
        check(tmp_path / "cases.json", cases)
    except CalledProcessError as error:
        pytest.fail(f"{error.stdout}{error.stderr}")


def test_every_sentence_has_a_case():
    assert {word.text for word in LEDGER_LOOK.words} == {sentence for _, sentence in LEDGER.values()}
    assert {word.text for word in VALIDATOR_LOOK.words} == {word for _, word in LVIV.values()}


@pytest.mark.parametrize("wrong", [ledger_case(WAITS, "All is well"), validator_case(all_of(), "behind")])
def test_a_wrong_sentence_is_refused(tmp_path, wrong):
    with pytest.raises(CalledProcessError) as caught:
        check(tmp_path / "case.json", [wrong])
    assert "got" in caught.value.stdout + caught.value.stderr
