"""A new network: what is made, and what is refused."""

import json
import stat

import pytest

from litopys.ledger.network_file import parse_network
from litopys.note.policies import parse_policy
from litopys.note.possession import verify_possession
from litopys.note.vkeys import ED25519_COSIGNATURE, parse_signer, parse_vkey

NAMES = ("kyiv", "lviv", "odesa", "dnipro")
VALIDATORS = [f"--validator={name}=https://{name}.example" for name in NAMES]
MEMBERS = [*VALIDATORS, "--sealer=a", "--sealer=b", "--sector=registers", "--sector=energy:4:2"]


def init(run, *more, members=MEMBERS, origin="litopys.example/pilot"):
    return run("network", "init", "--directory=net", f"--origin={origin}", *members, *more)


def test_everything_of_a_network_is_made(run, tmp_path):
    ran = init(run)
    assert ran.code == 0, ran.err
    assert ran.out.split() == ["net/network.json", "net/policy"]
    folder = tmp_path / "net"
    network = parse_network((folder / "network.json").read_bytes())
    assert (network.origin, network.quorum, network.topics) == ("litopys.example/pilot", 3, "litopys")
    assert [(one.name, one.url) for one in network.validators] == [(n, f"https://{n}.example") for n in NAMES]
    assert [(one.name, one.partitions, one.rules) for one in network.sectors] == [("registers", 8, 1), ("energy", 4, 2)]
    assert parse_policy((folder / "policy").read_text()) == network.policy()
    keys = {path.name for path in (folder / "keys").iterdir()}
    members = {"log", "sealer-a", "sealer-b", "sector-registers", "sector-energy", *(f"validator-{n}" for n in NAMES)}
    assert keys == {f"{member}.key" for member in members} | {"tokens.jwk", "tokens.public.jwk"}
    assert parse_signer((folder / "keys" / "validator-kyiv.key").read_text()).vkey == network.validators[0].key.vkey


def test_private_keys_are_for_their_owner(run, tmp_path):
    init(run)
    for path in (tmp_path / "net" / "keys").iterdir():
        expected = 0o644 if "public" in path.name else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path.name


def test_a_network_is_never_made_over_another(run, tmp_path):
    init(run)
    before = (tmp_path / "net" / "network.json").read_bytes()
    ran = init(run)
    assert ran.code == 2
    assert (tmp_path / "net" / "network.json").read_bytes() == before


def test_an_empty_folder_and_remains_of_an_interrupted_run_do_not_matter(run, tmp_path):
    (tmp_path / "net").mkdir()
    (tmp_path / ".net.new" / "keys").mkdir(parents=True)
    (tmp_path / ".net.new" / "keys" / "log.key").write_text("half")
    assert init(run).code == 0
    assert not (tmp_path / ".net.new").exists()


@pytest.mark.parametrize(
    ("members", "origin"),
    [
        (MEMBERS, "not an origin"),
        (MEMBERS, "UPPER.example/x"),
        ([*VALIDATORS, "--sealer=a", "--sector=log"], "litopys.example/pilot"),
        ([*VALIDATORS, "--sealer=a", "--sector=x:0"], "litopys.example/pilot"),
        ([*VALIDATORS, "--sealer=a", "--sector=x:1:2:3"], "litopys.example/pilot"),
        ([*VALIDATORS, "--sealer=a", "--sealer=a", "--sector=x"], "litopys.example/pilot"),
        ([*VALIDATORS, VALIDATORS[0], "--sealer=a", "--sector=x"], "litopys.example/pilot"),
        (["--validator=kyiv", "--sealer=a", "--sector=x"], "litopys.example/pilot"),
        (["--validator=kyiv=ftp://x", "--sealer=a", "--sector=x"], "litopys.example/pilot"),
        ([*MEMBERS, "--quorum=2"], "litopys.example/pilot"),
        ([*MEMBERS, "--quorum=5"], "litopys.example/pilot"),
        (VALIDATORS, "litopys.example/pilot"),
    ],
)
def test_what_is_no_network_leaves_nothing_behind(run, tmp_path, members, origin):
    ran = init(run, members=members, origin=origin)
    assert ran.code == 2, ran.out
    assert not (tmp_path / "net").exists()


def test_a_network_file_is_checked(run, tmp_path):
    init(run)
    ran = run("network", "check", "net/network.json")
    assert ran.code == 0
    assert "quorum 3" in ran.out
    text = (tmp_path / "net" / "network.json").read_text()
    document = json.loads(text)
    (tmp_path / "bad").write_text(json.dumps(document | {"quorum": 2}))
    assert run("network", "check", "bad").code == 2
    document["log"]["possession"] = document["sealers"][0]["possession"]
    (tmp_path / "forged").write_text(json.dumps(document))
    ran = run("network", "check", "forged")
    assert ran.code == 1
    assert "FAILED" in ran.err


def test_the_policy_follows_from_the_file(run, tmp_path):
    init(run)
    assert run("network", "policy", "net/network.json").out == (tmp_path / "net" / "policy").read_text()


def test_a_member_makes_its_own_key(run, tmp_path):
    origin = "litopys.example/pilot"
    ran = run("keys", "make", "validator", "kyiv", "--origin", origin, "-o", "k", "--json")
    made = json.loads(ran.out)
    vkey = parse_vkey(made["vkey"])
    assert (vkey.name, vkey.algorithm) == (f"{origin}/validator/kyiv", ED25519_COSIGNATURE)
    verify_possession(made["possession"], vkey=vkey, origin=origin)
    assert stat.S_IMODE((tmp_path / "k").stat().st_mode) == 0o600
    shown = run("keys", "show", "k", "--origin", origin)
    assert shown.out.split("\n")[:2] == [made["vkey"], made["possession"]]
    assert "PRIVATE" not in ran.out + shown.out + shown.err
    assert run("keys", "make", "validator", "kyiv", "--origin", origin, "-o", "k").code == 2, "never written over"


@pytest.mark.parametrize(
    "arguments", [("log", "x"), ("sealer",), ("nobody", "x"), ("sealer", "a b"), ("sealer", "a+b"), ("sealer", "я")]
)
def test_keys_of_nobody_are_refused(run, arguments):
    assert run("keys", "make", *arguments, "--origin", "litopys.example/pilot", "-o", "k").code == 2


def test_a_token_is_for_one_actor(run):
    from litopys.service.tokens import TokenCheck, load_token_key  # noqa: PLC0415 -- extra

    init(run)
    ran = run("keys", "token", "registrar-7", "--key", "net/keys/tokens.jwk", "--hours", "1", "--scope", "approve")
    assert ran.code == 0
    import time  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    key = load_token_key(Path("net/keys/tokens.public.jwk"))
    caller = TokenCheck(key).verify(ran.out.strip(), now_s=int(time.time()))
    assert (caller.actor, caller.scopes) == ("registrar-7", {"approve"})
    assert run("keys", "token", "registrar-7", "--key", "absent").code == 2
