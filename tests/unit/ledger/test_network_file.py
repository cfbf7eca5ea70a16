"""The network file: strict JSON, sound contents, questions by height."""

import json
from base64 import b64encode
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from litopys.errors import LitopysError, Malformed, VerificationFailed
from litopys.event.signatures import batch_key_id
from litopys.ledger.network_checks import is_quorum
from litopys.ledger.network_file import format_network, parse_network
from litopys.note.checkpoints import Checkpoint
from litopys.note.policies import format_policy
from litopys.note.possession import sign_possession
from litopys.note.vkeys import ED25519, ED25519_COSIGNATURE, format_vkey, make_signer
from tests.support.simulated import ORIGIN, Simulated, key_value

SIMULATED = Simulated()
GOOD = SIMULATED.file()
NETWORK = parse_network(GOOD)


def key_of(name: str, algorithm: int = ED25519, seed: int = 9) -> dict[str, object]:
    return key_value(make_signer(name, algorithm, bytes([seed]) * 32))


def test_round_trip():
    formatted = format_network(NETWORK)
    again = parse_network(formatted)
    assert replace(again, digest=NETWORK.digest) == NETWORK
    assert format_network(again) == formatted
    assert again.digest == sha256(formatted).digest()
    assert NETWORK.digest == sha256(GOOD).digest()


@settings(max_examples=20)
@given(st.integers(1, 15), st.integers(1, 3), st.integers(1, 4), st.integers(1, 1024))
def test_round_trip_of_any_shape(validators, more, sectors, partitions):
    simulated = Simulated(
        partitions=partitions,
        validators=[f"v{number}" for number in range(validators)],
        sectors=[f"s{number}" for number in range(sectors)],
        quorum=min(validators, 2 * validators // 3 + more),
    )
    network = simulated.network()
    formatted = format_network(network)
    assert replace(parse_network(formatted), digest=network.digest) == network


@pytest.mark.parametrize("indent", [None, 1, "\t", "\r\n "])
def test_white_space_is_free(indent):
    data = json.dumps(SIMULATED.document(), indent=indent).encode()
    assert replace(parse_network(data + b"\n"), digest=NETWORK.digest) == NETWORK


def test_the_policy():
    lines = format_policy(NETWORK.policy()).splitlines()
    assert lines[0] == f"log {format_vkey(SIMULATED.signer('log').vkey)}"
    assert [line.split()[:2] for line in lines[1:5]] == [["witness", name] for name in SIMULATED.validators]
    assert lines[5:] == ["group Q 3 kyiv lviv odesa dnipro", "quorum Q"]


def set_in(*path):
    """Make a change that sets the value at a path of the document."""
    *way, last, value = path

    def change(document):
        for step in way:
            document = document[step]
        document[last] = value

    return change


def delete(*path):
    *way, last = path

    def change(document):
        for step in way:
            document = document[step]
        del document[last]

    return change


def move_to_end(name):
    return lambda document: document.update({name: document.pop(name)})


def append(name, item):
    return lambda document: document[name].append(item)


def same_key_for_two(document):
    document["sectors"][0]["keys"].append({**document["sectors"][0]["keys"][0], "from": 5})


def sealer_with_the_key_of_a_sector(document):
    seed = SIMULATED.signer("energy").private.seed
    document["sealers"][0].update(key_value(make_signer(f"{ORIGIN}/sealer/a", ED25519, seed)))


UNSOUND = {
    "another version": set_in("version", 2),
    "version as a bool": set_in("version", True),
    "version as text": set_in("version", "1"),
    "a missing name": delete("succeeds"),
    "a name too many": set_in("extra", 1),
    "names out of order": move_to_end("origin"),
    "names out of order inside": lambda d: d["sealers"][0].update(name=d["sealers"][0].pop("name")),
    "origin without a network": set_in("origin", "simulated.example"),
    "origin with a capital": set_in("origin", "Simulated.example/one"),
    "another origin than the keys'": set_in("origin", "simulated.example/two"),
    "topics with a capital": set_in("topics", "Simulated"),
    "no prefix of topics": set_in("topics", ""),
    "quorum of half": set_in("quorum", 2),
    "quorum of zero": set_in("quorum", 0),
    "quorum of more than all": set_in("quorum", 5),
    "quorum as a fraction": set_in("quorum", 3.0),
    "no sealer": set_in("sealers", []),
    "no validator": set_in("validators", []),
    "no sector": set_in("sectors", []),
    "sectors as an object": set_in("sectors", {}),
    "no key of a sector": set_in("sectors", 0, "keys", []),
    "no partition": set_in("sectors", 0, "partitions", 0),
    "too many partitions": set_in("sectors", 0, "partitions", 1025),
    "partitions as null": set_in("sectors", 0, "partitions", None),
    "no rules": set_in("sectors", 0, "rules", 0),
    "a reserved sector": set_in("sectors", 0, "name", "sealer"),
    "a sector with a dash": set_in("sectors", 0, "name", "public-health"),
    "a sector twice": lambda d: d["sectors"].append(d["sectors"][0]),
    "a validator twice": lambda d: d["validators"].append(d["validators"][0]),
    "a url with a slash at its end": set_in("validators", 0, "url", "https://kyiv.example/"),
    "a url of another scheme": set_in("validators", 0, "url", "ftp://kyiv.example"),
    "an empty url": set_in("validators", 0, "url", ""),
    "a url with a space": set_in("validators", 0, "url", "https://kyiv.example /x"),
    "a term that never holds": set_in("sealers", 0, "until", 0),
    "a term from before the beginning": set_in("sealers", 0, "from", -1),
    "a term as text": set_in("sealers", 0, "until", "1"),
    "until missing": delete("sealers", 0, "until"),
    "a key under another name": lambda d: d["log"].update(key_of(f"{ORIGIN}/log")),
    "a sealer's key under a sector's name": lambda d: d["sealers"][0].update(key_of(f"{ORIGIN}/energy")),
    "a validator with a plain key": lambda d: d["validators"][0].update(key_of(f"{ORIGIN}/validator/kyiv")),
    "a log with a cosignature key": lambda d: d["log"].update(key_of(ORIGIN, ED25519_COSIGNATURE)),
    "a key twice in a sector": same_key_for_two,
    "one key under two names": sealer_with_the_key_of_a_sector,
    "a vkey with another id": lambda d: d["log"].update(vkey=d["log"]["vkey"].replace("+", "+0", 1)[:-1]),
    "a successor of itself": set_in("succeeds", {"origin": ORIGIN, "checkpoint": "eA=="}),
    "a predecessor without a checkpoint": set_in(
        "succeeds", {"origin": "simulated.example/zero", "checkpoint": "eA=="}
    ),
    "a checkpoint that is not base64": set_in("succeeds", {"origin": "simulated.example/zero", "checkpoint": "e"}),
}


@pytest.mark.parametrize("case", UNSOUND)
def test_refuses(case):
    with pytest.raises(LitopysError) as caught:
        SIMULATED.network(UNSOUND[case])
    assert isinstance(caught.value, Malformed | VerificationFailed)


def test_sixteen_validators_do_not_fit_into_a_note():
    with pytest.raises(Malformed):
        Simulated(validators=[f"v{number}" for number in range(16)], quorum=11).network()


@pytest.mark.parametrize(
    "possession",
    [
        SIMULATED.document()["sealers"][0]["possession"],
        sign_possession(SIMULATED.signer("log"), "simulated.example/two"),
        SIMULATED.document()["log"]["possession"] + "\n",
        "",
    ],
)
def test_refuses_a_possession_of_another_key_or_network(possession):
    with pytest.raises(LitopysError):
        SIMULATED.network(set_in("log", "possession", possession))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("utf-16"),
        GOOD + GOOD,
        GOOD[:-1],
        GOOD.replace(b'"version": 1', b'"version": 1, "version": 1'),
        GOOD.replace(b'"version": 1', b'"version": 1.0'),
        GOOD.replace(b'"version": 1', b'"version": 1e0'),
        GOOD.replace(b'"quorum": 3', b'"quorum": 03'),
        GOOD.replace(b'"partitions": 2', b'"partitions": 9007199254740992'),
        GOOD.replace(b'"partitions": 2', b'"partitions": ' + b"9" * 5000),
        GOOD.replace(b'"quorum": 3', b'"quorum": NaN'),
        GOOD.replace(b'"from": 0', b'"from": -0'),
        GOOD.replace(b'"until": null', b'"until": false'),
        GOOD.replace(b'"sectors": ', b'"sectors": ' + b"[" * 100_000),
        GOOD + b" " * 1_000_000,
        GOOD.replace(b"kyiv.example", b"kyiv\xff.example"),
    ],
)
def test_refuses_other_json(data):
    with pytest.raises(Malformed):
        parse_network(data)


ENOUGH = [(1, 1), (2, 2), (3, 3), (3, 4), (4, 4), (5, 6), (5, 7), (7, 9), (11, 15)]
TOO_FEW = [(0, 0), (1, 0), (0, 1), (1, 2), (2, 3), (2, 4), (4, 6), (4, 7), (6, 9), (10, 15)]


@pytest.mark.parametrize("validators", range(16))
def test_the_smallest_quorum_is_two_thirds_and_one(validators):
    least = 2 * validators // 3 + 1
    assert not is_quorum(least - 1, validators)
    assert is_quorum(least, validators) is (validators > 0)
    assert not is_quorum(validators + 1, validators)


@pytest.mark.parametrize(
    ("quorum", "validators", "answer"), [(*case, True) for case in ENOUGH] + [(*case, False) for case in TOO_FEW]
)
def test_a_quorum_is_more_than_two_thirds(quorum, validators, answer):
    assert is_quorum(quorum, validators) is answer


def test_questions_by_height():
    def change(document):
        document["sectors"][0]["keys"][0]["until"] = 5
        document["sectors"][0]["keys"].append({**key_of(f"{ORIGIN}/energy"), "from": 7, "until": None})
        document["sealers"].append({"name": "a", **key_of(f"{ORIGIN}/sealer/a", seed=8), "from": 3, "until": 6})

    network = SIMULATED.network(change)
    first, second = (term.key.vkey for term in network.sectors[0].keys)
    ids = {height: [key.plain_id for key in network.sector_keys("energy", height)] for height in (0, 4, 5, 6, 7, 99)}
    assert ids == {0: [first.key_id], 4: [first.key_id], 5: [], 6: [], 7: [second.key_id], 99: [second.key_id]}
    assert [len(network.sealer_keys(height)) for height in (0, 2, 3, 5, 6)] == [1, 1, 2, 2, 1]
    (key,) = network.sector_keys("energy", 0)
    assert key.batch_id == batch_key_id(first.name, first.public.raw)
    assert network.sector_keys("energy", 0)[0] is network.sector_keys("energy", 1)[0]
    assert network.rules("energy", 0) == 1
    assert network.partitions("energy") == 2
    assert network.sector_names == ("energy", "registers")
    assert [network.has_partition(*place) for place in (("energy", 1), ("energy", 2), ("health", 0))] == [
        True,
        False,
        False,
    ]


def test_a_successor_names_the_last_checkpoint():
    before = Simulated(origin="simulated.example/zero")
    note = before.final_note(Checkpoint("simulated.example/zero", 5, bytes(32)))
    value = {"origin": "simulated.example/zero", "checkpoint": b64encode(note).decode()}
    network = SIMULATED.network(set_in("succeeds", value))
    assert network.succeeds == ("simulated.example/zero", note)
    assert parse_network(format_network(network)).succeeds == network.succeeds
    with pytest.raises(Malformed):
        SIMULATED.network(set_in("succeeds", {**value, "origin": "simulated.example/other"}))


@given(st.data())
@settings(max_examples=60)
def test_mutations_never_crash(draw):
    changed = bytearray(GOOD)
    place = draw.draw(st.integers(0, len(changed)))
    changed[place : place + draw.draw(st.integers(0, 4))] = draw.draw(st.binary(max_size=4))
    with suppress(Malformed, VerificationFailed):
        parse_network(bytes(changed))
