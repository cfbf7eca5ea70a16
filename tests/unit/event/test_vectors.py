"""The second implementation's events: grammar, disclosures, key ids (tests/vectors/litopys)."""

from base64 import b64decode

import pytest

from litopys.errors import Malformed
from litopys.event.cloudevents import format_event, parse_event
from litopys.event.disclosures import digest, make_disclosure, parse_disclosure
from litopys.event.signatures import batch_key_id
from litopys.note.vkeys import parse_vkey
from tests.support.vectors import read_json

GRAMMAR = read_json("litopys/grammar.json")
DISCLOSURES = read_json("litopys/disclosures.json")
KEYS = read_json("litopys/keys.json")


@pytest.mark.parametrize("case", GRAMMAR, ids=[case["case"] for case in GRAMMAR])
def test_grammar(case):
    value = b64decode(case["value"])
    if case["well_formed"]:
        assert format_event(parse_event(value)) == value
    else:
        with pytest.raises(Malformed):
            parse_event(value)


@pytest.mark.parametrize("case", DISCLOSURES, ids=[case["name"] for case in DISCLOSURES])
def test_disclosures(case):
    salt = bytes.fromhex(case["salt_hex"])
    assert make_disclosure(salt=salt, name=case["name"], value=case["value"]) == case["disclosure"]
    assert parse_disclosure(case["disclosure"]) == (salt, case["name"], case["value"])
    assert digest(case["disclosure"]) == case["digest"]


@pytest.mark.parametrize("name", KEYS)
def test_batch_key_ids(name):
    vkey = parse_vkey(KEYS[name]["vkey"])
    assert batch_key_id(vkey.name, vkey.public.raw).hex() == KEYS[name]["batch_key_id"]
