"""Energy in a whole network: exports move in, months are certified, a redeemed guarantee has its receipt.

An outsider who reads nothing but the ledger finds that all of it adds up, until somebody plants a guarantee too much.
"""

import json
import subprocess
import sys

import pytest

from deploy.local.layout import url
from deploy.local.members import ROOT
from deploy.local.ports import wait_until
from litopys.cli.http import get_json
from litopys.ledger.receipts import parse_receipt
from litopys.service.imports.histories import format_history
from services.energy.sample.codes import made_up_eic
from tests.e2e.conftest import litopys

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

LINES = 200
HOURS = 1_600
PLANT = made_up_eic("W", seed=3, number=0)
MONTH = f"{PLANT}:2021-01"


def run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def take_in(network, tmp_path_factory):
    """Import a file and wait until it is final; answers what came of it."""
    folder = tmp_path_factory.mktemp("energy")

    def importing(path):
        people = ("--actor=migration-1", "--approver=registrar-2", "--authority=Issuing body")
        where = (f"--state={network.layout.state_file}", f"--report={folder / path.name}.tsv")
        done = litopys("import", "energy", str(path), *people, *where, "--json", "--quiet")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return importing


@pytest.fixture(scope="module")
def sector(network):
    return url(network.ports.sectors["energy"])


@pytest.fixture
def balance(network, sector):
    """Ask a validator once it has all that is acknowledged; answers what the check prints."""

    def checking():
        policy = f"--policy={network.layout.policy_file}"
        done = run("services.energy.balance", f"--url={url(network.ports.serve['lviv'])}", policy, "--json")
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    return checking


def test_from_exports_to_a_redeemed_guarantee(network, sector, take_in, balance, tmp_path):
    lives, output = tmp_path / "lives.jsonl", tmp_path / "output.csv"
    assert litopys("sample", "energy", "lives", f"-n{LINES}", "-s3", f"-o{lives}", "-q").returncode == 0
    assert litopys("sample", "energy", "output", f"-n{HOURS}", "-s3", f"-o{output}", "-q").returncode == 0
    assert take_in(lives)["admitted"] == LINES
    assert take_in(output)["admitted"] == HOURS

    issuing = (f"--plant={PLANT}", "--first=2021-01", "--last=2021-02", f"--url={sector}")
    key = f"--token-key={network.layout.token_signing_file}"
    for settled in ("with 0 commands", None)[::-1]:
        done = run("services.energy.issuing", *issuing, key)
        assert done.returncode == 0, done.stderr
        assert settled is None or settled in done.stdout

    found = get_json(f"{sector}/v1/guarantees-of-origin", {"plant": PLANT, "standing": "redeemed"})["items"]
    assert len(found) == 4
    event = f"{sector}/v1/events/{found[0]['subject']}/{found[0]['version']}"
    wait_until(lambda: get_json(event)["status"] == "final", what="the redemption", timeout_s=60)
    receipt = tmp_path / "redeemed.tlog-proof"
    state = f"--state={network.layout.state_file}"
    assert litopys("receipt", f"{found[0]['subject']}@{found[0]['version']}", f"-o{receipt}", state).returncode == 0
    assert litopys("verify", str(receipt), f"--policy={network.layout.policy_file}").returncode == 0
    assert b".redeemed.v1" in parse_receipt(receipt.read_bytes()).entry

    wait_until(lambda: balance()[1]["waiting_mwh"] == 0, what="all that is acknowledged is final", timeout_s=60)
    code, told = balance()
    assert (code, told["findings"]) == (0, [])
    assert told["counted_wh"] == told["certified_mwh"] * 1_000_000 + told["remainder_wh"]
    assert told["redeemed_mwh"] + told["expired_mwh"] + told["live_mwh"] == told["certified_mwh"] > 0


def test_a_guarantee_too_much_is_found_by_whoever_adds_up(take_in, balance, sector, tmp_path):
    """An import brings what another register held: the ledger's rules see one stream, and let it pass."""
    account = get_json(f"{sector}/v1/generation-accounts/{MONTH}")
    state = account["object"]
    issue = {
        "certificate": 1,
        "certified_at": account["version"],
        "produced_from": state["valid_from"],
        "produced_to": state["valid_to"],
        "technology": state["technology"],
        "holder": state["holder"],
        "valid_from": "2021-03-01",
        "basis": {"kind": "migration", "document": "старий реєстр"},
    }
    key = f"{MONTH}:2-5"
    line = format_history(source_key="planted", aggregate="guarantee_of_origin", key=key, commands=[("issue", issue)])
    planted = tmp_path / "planted.jsonl"
    planted.write_bytes(line)
    assert take_in(planted)["admitted"] == 1
    code, told = balance()
    assert code == 1
    assert {
        "subject": f"guarantee_of_origin:{key}",
        "what": "the certificate that it cites is not of these units",
    } in told["findings"]
    assert any(one["what"] == "some of its units stand in another batch too" for one in told["findings"])
