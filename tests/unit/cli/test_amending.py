"""Amending a network by hand: drawn up by one, signed by others, checked by all."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.test_networks import init

KEYS = Path("net/keys")


def amend(run, output="a.note", *, first=500, rules="energy=3", names=("kyiv",), more=()):
    keys = [f"--key={KEYS / f'validator-{name}.key'}" for name in names]
    given = ["--network=net/network.json", f"--from={first}", f"--rules={rules}"]
    return run("network", "amend", *given, *keys, f"--output={output}", *more)


def sign(run, note, output, *names):
    keys = [f"--key={KEYS / f'validator-{name}.key'}" for name in names]
    return run("network", "sign", note, "--network=net/network.json", *keys, f"--output={output}")


def put(name):
    Path("net/amendments").mkdir(exist_ok=True)
    Path(name).rename(Path("net/amendments") / name)


def test_an_amendment_is_signed_by_one_after_the_other_and_holds_with_a_quorum(run):
    init(run)
    assert amend(run).out == "a.note: 1 of 3 signatures\n"
    put("a.note")
    assert run("network", "check", "net/network.json").code == 1
    assert sign(run, "net/amendments/a.note", "b.note", "lviv", "odesa").code == 1
    Path("net/amendments/a.note").rename("a.note")
    assert sign(run, "a.note", "b.note", "lviv", "odesa").out == "b.note: 3 of 3 signatures\n"
    put("b.note")
    checked = run("network", "check", "net/network.json")
    assert checked.out.splitlines()[-1] == "from height 500: rules 3 of energy; a quorum has signed"
    told = json.loads(run("network", "check", "net/network.json", "--json").out)["amendments"]
    assert [(one["from"], one["rules"]) for one in told] == [(500, {"energy": 3})]
    assert amend(run, "c.note", first=600, rules="energy=4", more=["--rules=registers=2"]).code == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"rules": "energy=2"},
        {"rules": "energy=4"},
        {"rules": "health=2"},
        {"rules": "energy"},
        {"rules": "energy=3", "more": ["--rules=energy=3"]},
        {"first": 0},
        {"names": ("kyiv", "kyiv")},
        {"names": ("nobody",)},
        {"more": [f"--key={KEYS / 'sealer-a.key'}"]},
    ],
)
def test_what_is_no_amendment_of_this_network_is_not_written(run, wrong):
    init(run)
    assert amend(run, **wrong).code == 2
    assert not Path("a.note").exists()


def test_nobody_signs_what_does_not_follow(run):
    init(run)
    amend(run)
    text = Path("a.note").read_text()
    Path("b.note").write_text(text.replace("energy 3", "energy 4"))
    assert sign(run, "b.note", "c.note", "lviv").code == 2
    assert sign(run, "a.note", "c.note", "kyiv").code == 2
    assert sign(run, "a.note", "a.note", "lviv").code == 2
    assert Path("a.note").read_text() == text
