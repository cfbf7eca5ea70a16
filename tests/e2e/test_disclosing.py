"""A closed field of an event: released after its access is on the record, and proved to a third party."""

import json

import pytest

from deploy.local.layout import url
from deploy.local.ports import wait_until
from litopys.cli.http import get_json
from litopys.service.privacy.access import SCOPE
from tests.e2e.conftest import litopys, registrars_of
from tests.support.load import BODY

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

KEY = "8600000000:00:001:0001"
OWNER = "Приклад Олена Іванівна"


@pytest.fixture(scope="module")
def registrars(network):
    return registrars_of(network, f"--scope={SCOPE}")


def test_one_field_is_proved_and_nothing_else(network, registrars, tmp_path):
    owners = [{"share": "1/1", "persons": [{"kind": "natural", "name": OWNER, "code": "9900000001"}]}]
    event = registrars.record(KEY, BODY | {"owners": owners, "owned_since": "2026-03-01"})
    sector = url(network.ports.sectors["registers"])
    wait_until(
        lambda: get_json(f"{sector}/v1/events/{event.subject}/{event.version}")["status"] == "final",
        what="final",
        timeout_s=60,
    )
    request = {"office": "notary 12", "why": "sale", "fields": ["name"]}
    released = registrars.post(f"/v1/land-parcels/{KEY}/accesses", request)
    [field] = released["items"]
    assert released["access"], "the access is on the record first"

    file, state = tmp_path / "r.tlog-proof", f"--state={network.layout.state_file}"
    policy = f"--policy={network.layout.policy_file}"
    assert litopys("receipt", f"{event.subject}@{event.version}", "-o", str(file), state).returncode == 0
    assert OWNER.encode() not in file.read_bytes(), "the ledger never holds it"
    done = litopys("disclose", str(file), field["disclosure"], policy, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["field"], told["value"]) == (0, "name", OWNER)
    forged = field["disclosure"][:-2] + ("AA" if not field["disclosure"].endswith("AA") else "BB")
    assert litopys("disclose", str(file), forged, policy).returncode == 1
