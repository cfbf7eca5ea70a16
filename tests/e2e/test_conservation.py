"""What was acknowledged takes effect exactly once, on every validator alike, whoever is killed meanwhile."""

import json
import urllib.request
from urllib.parse import quote

import pytest

from deploy.local.layout import url
from deploy.local.ports import wait_until
from litopys.cli.http import NotThere, get, get_json
from litopys.ledger.rejections import Reason, parse_rejected_list
from tests.e2e.conftest import head, litopys, registrars_of
from tests.support.auditor.evidence import Claims
from tests.support.auditor.promises import audit
from tests.support.auditor.reading import read_at_rest, whereabouts_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

PREFIX = "8800000000:00:001:"
FINAL_AGAIN_S = 60
AT_LEAST = 15


@pytest.fixture(scope="module")
def acknowledged(network):
    """Everything that was acknowledged under load, while one process after another was killed and started again."""
    victims = ["sealer-a", "validator-kyiv-check", "registers", "sealer-b", "validator-lviv-serve"]
    with registrars_of(network).recording(PREFIX) as done:
        for victim in victims:
            before = len(done)
            wait_until(lambda b=before: len(done) >= b + AT_LEAST, what="commands", timeout_s=90)
            network.process(victim).kill()
            network.up()
        before = len(done)
        wait_until(lambda: len(done) >= before + AT_LEAST, what="commands after the last kill", timeout_s=90)
    wait_until(lambda: is_final(network, done), what="all final", timeout_s=FINAL_AGAIN_S)
    return done


def is_final(network, events):
    sector = url(network.ports.sectors["registers"])
    paths = (f"{sector}/v1/events/{quote(subject, safe=':/')}/{version}" for subject, version in events[-50:])
    return all(get_json(path)["status"] == "final" for path in paths)


@pytest.fixture(scope="module")
def findings(network, acknowledged):
    """What an auditor that believes nobody finds broken, by promise."""
    claims = Claims(list(acknowledged), prefixes=(f"land_parcel:{PREFIX}",))
    return audit(read_at_rest(whereabouts_of(network), FINAL_AGAIN_S), claims)


def test_no_event_is_lost_or_doubled(findings):
    assert [found for found in findings if found.promise in {"I2", "I3", "I4", "I12"}] == []


def test_nothing_is_final_without_a_quorum_and_nobody_voted_twice(findings):
    assert [found for found in findings if found.promise in {"I6", "I7"}] == []


def test_the_sector_says_of_each_what_the_ledger_says(network, acknowledged):
    sector = url(network.ports.sectors["registers"])
    told = [get_json(f"{sector}/v1/events/{quote(subject, safe=':/')}/{version}") for subject, version in acknowledged]
    assert {one["status"] for one in told} == {"final"}
    for base in (validator.url for validator in network.network().validators):
        for (subject, version), one in list(zip(acknowledged, told, strict=True))[::10]:
            seen = get_json(f"{base}/api/v1/events/by-address", {"subject": subject, "version": version})
            assert (seen["status"], seen["index"]) == ("final", one["index"])


def test_all_validators_hold_the_same(network, acknowledged, findings):
    assert [found for found in findings if found.promise in {"I1", "I5"}] == []
    bases = [validator.url for validator in network.network().validators]
    final = min(get_json(f"{base}/api/v1/blocks", {"limit": 1})["blocks"][0]["height"] for base in bases)
    for height in range(0, final, 20):
        assert len({get(f"{base}/rejected/{height}") for base in bases}) == 1
        assert len({get(f"{base}/block/{height}") for base in bases}) == 1


def test_what_was_refused_were_copies(network, acknowledged):
    """A relay that was killed between publishing and knowing it may publish twice; the copy changes nothing."""
    base = network.network().validators[0].url
    for height in range(head(network).final_height):
        for rejection in parse_rejected_list(get(f"{base}/rejected/{height}")):
            assert rejection.reason is Reason.STREAM_VERSION


def test_receipts_come_by_name_and_verify_offline(network, acknowledged, tmp_path):
    recorded = [address for address in acknowledged if address.version == 1]
    for subject, version in (recorded[0], recorded[-1]):
        file = tmp_path / "r.tlog-proof"
        state = f"--state={network.layout.state_file}"
        assert litopys("receipt", f"{subject}@{version}", "-o", str(file), state).returncode == 0
        done = litopys("verify", str(file), f"--policy={network.layout.policy_file}", "--json")
        assert (done.returncode, json.loads(done.stdout)["subject"]) == (0, subject)
        shown = litopys("event", f"{subject}@{version}", state, "--json")
        assert json.loads(shown.stdout)["data"]["state"]["area_m2"] == 34800


def test_an_outsider_audits_every_validator(network, acknowledged):
    for validator in network.network().validators:
        done = litopys("audit", f"--url={validator.url}", f"--network={network.layout.network_file}")
        assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_missing_is_404(network, acknowledged):
    base = network.network().validators[0].url
    for path in ("/receipt/999999999", "/tile/0/x999/999", "/rejected/999999", "/block/999999", "/tile/8/0/000"):
        with pytest.raises(NotThere):
            get(base + path)
    with urllib.request.urlopen(f"{base}/checkpoint") as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
