"""Divisions and mergers on a running network: two calls by two officers, and all the rest follows by itself."""

import itertools
import json
from datetime import UTC, datetime, timedelta

import pytest

from deploy.local.clerk import CHANGES, PARCELS, WAIT_S, Registrar, plan_division
from deploy.local.ports import wait_until
from litopys.event.entries import parse_entry
from litopys.ledger.receipts import parse_receipt
from tests.e2e.conftest import litopys

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

ONE, OTHER = Registrar("registrar-17", WAIT_S), Registrar("registrar-23", WAIT_S)
OWNER = {"kind": "natural", "name": "Приклад Олена Іванівна", "code": "3184710691"}
BANK = {"kind": "legal", "name": "АТ «Банк-Приклад»", "code": "99000015"}
BASIS = {"kind": "application", "document": "заява 60718", "issued": "2026-02-28"}
NUMBERS = itertools.count(1)
CHANGE_NUMBERS = itertools.count(500)


def record(clerk, *, area_m2=900, basis=BASIS):
    """A parcel of its own with one owner; gives its key."""
    key = f"8300000000:00:001:{next(NUMBERS):04}"
    body = {
        "as_of": "2026-03-01",
        "area_m2": area_m2,
        "details": {"purpose_code": "01.01", "ownership": "private"},
        "basis": basis,
        "owners": [{"share": "1/1", "persons": [OWNER]}],
    }
    clerk.command(f"{PARCELS}/{key}/record", body, by=ONE, version=None)
    return key


def plan(clerk, key, **changes):
    return {**plan_division(clerk.ask(f"{PARCELS}/{key}"), 3), **changes}


def propose(clerk, body):
    number = f"2026-{next(CHANGE_NUMBERS)}"
    clerk.command(f"{CHANGES}/{number}/propose", body, by=ONE, version=None)
    return number


def approve(clerk, number):
    kept = clerk.course(number)
    clerk.command(f"{CHANGES}/{number}/approve", {"proposal": 2}, by=OTHER, version=kept["version"])
    return clerk.course(number)


def state(clerk, key):
    return clerk.ask(f"{PARCELS}/{key}")["object"]


def receipts(network, clerk, addresses, folder):
    """The receipts of entries, each verified by the command line; gives the events in them."""
    events = []
    for place, (subject, version) in enumerate(addresses):
        file = folder / f"{place}.tlog-proof"
        file.write_bytes(clerk.receipt(subject, version))
        done = litopys("verify", str(file), f"--policy={network.layout.policy_file}")
        assert done.returncode == 0, done.stdout
        events.append(json.loads(parse_entry(parse_receipt(file.read_bytes()).entry).value))
    return events


def test_a_parcel_is_divided_in_three_and_two_of_them_are_merged(network, clerk, tmp_path):
    key = record(clerk)
    parcel = f"{PARCELS}/{key}"
    clerk.command(
        f"{parcel}/mortgage", {"mortgagee": BANK, "valid_from": "2026-03-02", "basis": BASIS}, by=ONE, version=1
    )
    consent = {"mortgage": 1, "valid_from": "2026-03-02", "basis": BASIS}
    clerk.command(f"{parcel}/consent-to-transfer", consent, by=ONE, version=2)
    done = approve(clerk, propose(clerk, plan(clerk, key)))
    assert (done["object"]["phase"], done["steps"], done["waits_for"]) == ("completed", [], [])
    children = [child["number"] for child in done["object"]["children"]]
    assert (state(clerk, key)["ended_by"], [state(clerk, one)["area_m2"] for one in children]) == (
        "divided",
        [300, 300, 300],
    )
    assert all(state(clerk, one)["mortgages"] for one in children)
    events = receipts(
        network,
        clerk,
        [
            (done["subject"], done["version"]),
            (f"land_parcel:{key}", 5),
            *((f"land_parcel:{one}", 2) for one in children),
        ],
        tmp_path,
    )
    assert [event["type"].rpartition("registers.")[2] for event in events] == [
        "parcel_change.completed.v1",
        "land_parcel.divided.v2",
        *["land_parcel.formed.v1"] * 3,
    ]
    assert {event["actor"] for event in events} == {"service"}
    cited = set(events[0]["cites"].split(" "))
    assert cited == {f"land_parcel:{key}@5", *(f"land_parcel:{one}@2" for one in children)}
    persons = [owner["persons"][0]["id"] for event in events[2:] for owner in event["data"]["owners"]]
    assert len(set(persons)) == 3, "everybody has a fresh id in each parcel"

    for one in children[:2]:
        owned = clerk.ask(f"{PARCELS}/{one}")
        consent = {"mortgage": 1, "valid_from": f"{datetime.now(UTC):%Y-%m-%d}", "basis": BASIS}
        clerk.command(f"{PARCELS}/{one}/consent-to-transfer", consent, by=ONE, version=owned["version"])
    merged = {"number": f"8300000000:00:002:{next(NUMBERS):04}", "area_m2": 600}
    body = plan(clerk, key, kind="merger", parents=children[:2], children=[merged])
    done = approve(clerk, propose(clerk, body))
    assert done["object"]["phase"] == "completed", done
    new = state(clerk, merged["number"])
    assert (new["area_m2"], [one["share"] for one in new["holdings"]], len(new["mortgages"])) == (600, ["1/1"], 2)
    receipts(network, clerk, [(done["subject"], done["version"]), (f"land_parcel:{merged['number']}", 2)], tmp_path)


def test_a_second_change_of_the_same_parcel_is_refused_until_the_first_is_given_up(network, clerk):
    key = record(clerk)
    first = propose(clerk, plan(clerk, key))
    kept = clerk.course(first)
    assert state(clerk, key)["reservation"]["change"] == f"parcel_change:{first}"
    for refused in (
        lambda: propose(clerk, plan(clerk, key)),
        lambda: clerk.command(
            f"{PARCELS}/{key}/close", {"reason": "a", "valid_from": "2026-03-02", "basis": BASIS}, by=ONE, version=2
        ),
    ):
        with pytest.raises(RuntimeError, match="reserved"):
            refused()
    body = {"reason": "withdrawn", "basis": BASIS}
    clerk.command(f"{CHANGES}/{first}/abandon", body, by=ONE, version=kept["version"])
    assert clerk.course(first)["object"]["phase"] == "abandoned"
    assert "reservation" not in state(clerk, key)
    assert approve(clerk, propose(clerk, plan(clerk, key)))["object"]["phase"] == "completed"


def test_what_hinders_a_change_is_told_and_it_goes_on_when_that_is_gone(network, clerk):
    key = record(clerk)
    body = {"mortgagee": BANK, "valid_from": "2026-03-02", "basis": BASIS}
    clerk.command(f"{PARCELS}/{key}/mortgage", body, by=ONE, version=1)
    number = propose(clerk, plan(clerk, key))
    (step,) = clerk.course(number)["steps"]
    assert (step["subject"], step["command"]) == (f"land_parcel:{key}", "reserve")
    assert step["hindered"].startswith("consent-missing")
    consent = {"mortgage": 1, "valid_from": "2026-03-02", "basis": BASIS}
    clerk.command(f"{PARCELS}/{key}/consent-to-transfer", consent, by=ONE, version=2)
    wait_until(lambda: "reservation" in state(clerk, key), what="the parcel is kept", timeout_s=60)
    assert approve(clerk, number)["object"]["phase"] == "completed"


def test_a_change_expires_by_itself(network, clerk):
    key = record(clerk)
    soon = datetime.now(UTC) + timedelta(seconds=8)
    number = propose(clerk, plan(clerk, key, expires=f"{soon:%Y-%m-%dT%H:%M:%SZ}"))
    clerk.course(number)
    assert "reservation" in state(clerk, key)
    wait_until(lambda: "reservation" not in state(clerk, key), what="the parcel is free", timeout_s=60)
    done = clerk.course(number)
    assert (done["object"]["phase"], done["object"]["reason"]) == ("abandoned", "expired")


def test_a_service_that_is_killed_carries_on(network, clerk):
    key = record(clerk)
    number = propose(clerk, plan(clerk, key))
    kept = clerk.course(number)
    at_once = OTHER._replace(wait_s=0)
    with pytest.raises(TimeoutError):
        clerk.command(f"{CHANGES}/{number}/approve", {"proposal": 2}, by=at_once, version=kept["version"])
    network.process("registers").kill()
    network.up()
    wait_until(lambda: _phase(clerk, number) == "completed", what="the division is completed", timeout_s=120)
    assert state(clerk, key)["ended_by"] == "divided"


def _phase(clerk, number):
    try:
        return clerk.ask(f"{CHANGES}/{number}")["object"]["phase"]
    except (OSError, RuntimeError):
        return None
