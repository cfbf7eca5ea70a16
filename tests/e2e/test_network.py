"""The whole network through kills, outages and restarts: nothing lost, nothing doubled, final again in time."""

import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from deploy.local.members import ROOT
from deploy.local.ports import wait_until
from tests.e2e.conftest import head, is_settled, litopys, status

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

ROWS = 400
UNREACHABLE = 3
FINAL_AGAIN_S = 60
TAKE_OVER_S = 15
VICTIMS = ("sealer-a", "sealer-b", "validator-lviv-check", "registers", "kafka", "postgres")


def importing(network, sample):
    return [
        *(sys.executable, "-m", "litopys.cli.main", "import", "registers", str(sample)),
        *(f"--state={network.layout.state_file}", "--actor=migration-1", "--approver=registrar-2"),
    ]


@contextmanager
def kept_down(network, *names):
    """Kill processes for the length of the block, then start them again."""
    for name in names:
        network.process(name).kill()
    try:
        yield
    finally:
        network.up()


def audited(network, validator):
    done = litopys(
        *("audit", f"--database-url={network.dsn(f'validator_{validator}')}"),
        f"--network={network.layout.network_file}",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Importing:
    """Says the same import command until it is done, as a stubborn officer would."""

    def __init__(self, network, sample):
        self.command = importing(network, sample)
        self.attempts = []
        self.thread = threading.Thread(target=self._insist)
        self.thread.start()

    def _insist(self):
        while not self.attempts or self.attempts[-1].returncode:
            done = subprocess.run(self.command, cwd=ROOT, capture_output=True, text=True, check=False)
            self.attempts.append(done)
            assert done.returncode in {0, UNREACHABLE}, done.stderr

    @property
    def output(self):
        self.thread.join(timeout=400)
        assert self.attempts[-1].returncode == 0, self.attempts[-1].stderr
        return self.attempts[-1].stdout


@pytest.mark.parametrize("victim", VICTIMS)
def test_an_import_through_a_kill_is_whole(network, tmp_path, victim):
    """The ledger is in the middle of it when one process ends as in a power failure."""
    sample = tmp_path / "sample.geojson"
    seed = VICTIMS.index(victim)
    assert litopys("sample", "registers", f"--rows={ROWS}", f"--seed={seed}", f"--output={sample}").returncode == 0
    height = head(network).final_height
    running = Importing(network, sample)
    wait_until(lambda: head(network).final_height > height, what="the import's first block", timeout_s=FINAL_AGAIN_S)
    network.process(victim).kill()
    network.up()
    assert f"{ROWS:,} read" in running.output
    assert "all final" in running.output


def test_after_all_kills_the_validators_hold_the_same_whole_ledger(network):
    wait_until(lambda: is_settled(network), what="a settled ledger", timeout_s=FINAL_AGAIN_S)

    def hold_the_same():
        """The one after the quorum stores its own cosignature, and the others hear it, a moment later."""
        return len({audited(network, validator).replace(validator, "") for validator in network.plan.validators}) == 1

    wait_until(hold_the_same, what="the same ledger at all validators", timeout_s=FINAL_AGAIN_S)


def test_status_tells_who_is_where(network):
    now = status(network)
    names = ["origin", "policy", "network", "log_vkey", "bootstrap", "postgres", "validators", "sectors", "processes"]
    assert list(now) == [*names, "tree_size", "height", "final_height"]
    assert [validator["name"] for validator in now["validators"]] == ["kyiv", "lviv", "odesa", "dnipro"]
    assert all(set(validator) == {"name", "vkey", "url"} for validator in now["validators"])
    assert all(set(sector) == {"name", "url"} for sector in now["sectors"])
    assert {process["name"]: process["pid"] for process in now["processes"]} == {
        process.name: process.pid() for process in network.processes()
    }
    assert now["tree_size"] > ROWS


def test_a_title_passes_on_and_its_receipt_verifies_offline(network, clerk, tmp_path):
    title = clerk.transfer()
    receipt = tmp_path / "title.tlog-proof"
    receipt.write_bytes(clerk.receipt(title.subject, title.version))
    policy = f"--policy={network.layout.policy_file}"
    assert litopys("verify", str(receipt), policy).returncode == 0
    whole = receipt.read_bytes()
    for place in range(0, len(whole), len(whole) // 7):
        forged = bytearray(whole)
        forged[place] ^= 1
        receipt.write_bytes(forged)
        assert litopys("verify", str(receipt), policy).returncode == 1, f"byte {place}"


def test_without_one_validator_titles_still_become_final(network, clerk):
    with kept_down(network, "validator-dnipro-check"):
        assert clerk.transfer().version


def test_without_two_validators_nothing_becomes_final_until_they_are_back(network, clerk):
    before = head(network).final_height
    with kept_down(network, "validator-odesa-check", "validator-dnipro-check"):
        with pytest.raises(TimeoutError):
            clerk.transfer(wait_s=5)
        assert head(network).final_height == before
    wait_until(
        lambda: is_settled(network) and head(network).final_height > before, what="finality", timeout_s=FINAL_AGAIN_S
    )


@pytest.mark.parametrize("sealer", ["sealer-a", "sealer-b"])
def test_the_other_sealer_takes_over(network, clerk, sealer):
    with kept_down(network, sealer):
        start = time.monotonic()
        clerk.transfer()
        assert time.monotonic() - start < TAKE_OVER_S + 10


def test_everything_stopped_and_started_again_goes_on_where_it_was(network, clerk):
    wait_until(lambda: is_settled(network), what="a settled ledger", timeout_s=FINAL_AGAIN_S)
    before = status(network)
    network.down()
    assert all(process.pid() is None for process in network.processes())
    started = network.up()
    assert len(started) == len(list(network.members.all()))
    assert network.up() == [], "nothing is started twice"
    wait_until(lambda: is_settled(network), what="a settled ledger", timeout_s=FINAL_AGAIN_S)
    after = status(network)
    assert after["tree_size"] >= before["tree_size"]
    assert after["log_vkey"] == before["log_vkey"]
    assert clerk.transfer().version
    for validator in network.plan.validators:
        audited(network, validator)
