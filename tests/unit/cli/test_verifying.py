"""Verdicts: what is said, and with which exit code."""

import json
import subprocess
import sys
import textwrap

import pytest

from litopys.note.policies import format_policy
from litopys.note.vkeys import format_vkey
from tests.support.receipts import OWNER, SmallLedger
from tests.support.simulated import Simulated
from tests.support.vectors import VECTORS


@pytest.fixture(scope="module")
def ledger():
    return SmallLedger()


@pytest.fixture
def files(ledger, tmp_path):
    """A folder with a receipt and its policy."""
    (tmp_path / "r.tlog-proof").write_bytes(ledger.receipt())
    (tmp_path / "policy").write_text(ledger.policy)
    return tmp_path


def test_a_receipt_that_holds(run, files):
    ran = run("verify", "r.tlog-proof", "--policy", "policy")
    assert ran.code == 0
    verdict, *lines = ran.out.splitlines()
    assert verdict.startswith("VALID  thing:1@1  recorded")
    assert [line.split(":")[0].strip() for line in lines] == ["checked", "checked", "not checked", "not checked"]
    assert "3 of 4 validators" in ran.out
    assert ran.err == ""


def test_quiet_says_the_verdict_alone(run, files):
    assert len(run("verify", "r.tlog-proof", "--policy", "policy", "--quiet").out.splitlines()) == 1


def test_a_verdict_for_programs(run, files, ledger):
    ran = run("verify", "r.tlog-proof", "--policy", "policy", "--json")
    told = json.loads(ran.out)
    assert (told["verdict"], told["subject"], told["version"], told["index"]) == ("VALID", "thing:1", 1, 0)
    assert [one["name"] for one in told["cosigners"]] == ["kyiv", "lviv", "odesa"]
    assert told["not_checked"]


@pytest.mark.parametrize("place", [0.01, 0.2, 0.5, 0.8, 0.999])
def test_one_changed_byte_fails(run, files, ledger, place):
    data = bytearray(ledger.receipt())
    data[int(len(data) * place)] ^= 1
    (files / "bad").write_bytes(data)
    ran = run("verify", "bad", "--policy", "policy")
    assert ran.code == 1
    assert ran.out.startswith("NOT VALID  bad: ")


def test_a_failure_for_programs(run, files):
    (files / "bad").write_bytes(b"no receipt")
    ran = run("verify", "bad", "--policy", "policy", "--json")
    assert ran.code == 1
    assert json.loads(ran.out)["verdict"] == "NOT VALID"


def test_another_networks_policy_fails(run, files):
    (files / "other").write_text(format_policy(Simulated(origin="stranger.example/two").network().policy()))
    assert run("verify", "r.tlog-proof", "--policy", "other").code == 1


def test_without_a_policy_nothing_can_be_said(run, files):
    ran = run("verify", "r.tlog-proof")
    assert ran.code == 3
    assert ran.out.startswith("CANNOT CHECK")
    assert "litopys network pin" in ran.err
    assert json.loads(run("verify", "r.tlog-proof", "--json").out)["verdict"] == "CANNOT CHECK"


def test_a_pinned_policy_is_used_and_not_lightly_replaced(run, files, ledger):
    assert run("network", "pin", "policy").code == 0
    assert run("verify", "r.tlog-proof").code == 0
    assert run("network", "pin", "policy").code == 0, "the same again"
    (files / "network.json").write_bytes(ledger.simulated.file(lambda document: document.update(quorum=4)))
    ran = run("network", "pin", "network.json")
    assert ran.code == 2
    assert "--replace" in ran.err
    assert run("network", "pin", "network.json", "--replace").code == 0
    assert run("verify", "r.tlog-proof").code == 1, "three cosignatures are no quorum now"


def test_a_network_file_serves_as_policy(run, files, ledger):
    (files / "network.json").write_bytes(ledger.simulated.file())
    assert run("verify", "r.tlog-proof", "--policy", "network.json").code == 0


@pytest.mark.parametrize("arguments", [("verify",), ("verify", "absent", "--policy", "policy"), ("verify", "-x")])
def test_wrong_use(run, files, arguments):
    assert run(*arguments).code == 2


def test_a_policy_that_is_none_is_wrong_use(run, files):
    (files / "none").write_text("log x\n")
    assert run("verify", "r.tlog-proof", "--policy", "none").code == 2


def test_a_disclosure_shows_one_field(run, files, ledger):
    ran = run("disclose", "r.tlog-proof", ledger.disclosures[0], "--policy", "policy")
    assert ran.code == 0
    assert ran.out.startswith(f'VALID  thing:1@1  owner = "{OWNER}"')
    assert "any other field" in ran.out
    assert "1/2" not in ran.out
    (files / "share").write_text(ledger.disclosures[1] + "\n")
    told = json.loads(run("disclose", "r.tlog-proof", "share", "--policy", "policy", "--json").out)
    assert (told["field"], told["value"]) == ("share", "1/2")


def test_a_disclosure_of_another_event_fails(run, files, ledger):
    (files / "other").write_bytes(ledger.receipt(1))
    ran = run("disclose", "other", ledger.disclosures[0], "--policy", "policy")
    assert ran.code == 1
    assert OWNER not in ran.out
    for changed in (ledger.disclosures[0][:-2] + "AA", "", "%"):
        assert run("disclose", "r.tlog-proof", changed, "--policy", "policy").code == 1


def test_the_receipts_of_another_implementation(run):
    folder = VECTORS / "litopys"
    for receipt in sorted(folder.glob("receipt-*.tlog-proof")):
        assert run("verify", receipt, "--policy", folder / "policy").code == 0


def test_verifying_works_with_base_dependencies_alone(files):
    """Kafka, Postgres and the web must not be missed."""
    script = """
        import sys
        class Refuse:
            def find_spec(self, name, path=None, target=None):
                if name.split(".")[0] in {
                    "confluent_kafka", "asyncpg", "fastapi", "uvicorn", "pydantic_settings", "structlog",
                    "prometheus_client", "joserfc", "stamina", "httpx2", "uvloop", "ijson", "stdnum", "uuid_utils",
                }:
                    raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        sys.meta_path.insert(0, Refuse())
        from litopys.cli.main import main
        main()
    """

    def run_alone(*arguments):
        command = [sys.executable, "-c", textwrap.dedent(script), *arguments]
        return subprocess.run(command, cwd=files, capture_output=True, text=True, check=False)

    ran = run_alone("verify", "r.tlog-proof", "--policy", "policy")
    assert (ran.returncode, ran.stdout[:5]) == (0, "VALID"), ran.stderr
    ran = run_alone("keys", "token-key")
    assert ran.returncode == 2
    assert "litopys[services]" in ran.stderr


def test_a_vkey_is_shown_as_others_write_it(ledger):
    assert ledger.policy.startswith(f"log {format_vkey(ledger.simulated.signer('log').vkey)}\n")
