"""Amendments as a second implementation would be held to them (tests/vectors/amendments/amendments.json)."""

from base64 import b64decode

import pytest

from litopys.errors import LitopysError
from litopys.ledger.amending import amend_network, check_amendment_of
from litopys.ledger.blocks import format_block, parse_block
from litopys.ledger.network_file import parse_network
from tests.support.vectors import read_json

VECTORS = read_json("amendments/amendments.json")
NETWORK = parse_network(VECTORS["network"].encode())
AMENDED = amend_network(NETWORK, [one["note"].encode() for one in VECTORS["amendments"]])


def test_hashes_and_heights():
    found = [(one.first, one.hash) for one in AMENDED.amendments]
    assert found == [(one["from"], b64decode(one["hash"])) for one in VECTORS["amendments"]]


@pytest.mark.parametrize("one", VECTORS["blocks"], ids=lambda one: str(one["height"]))
def test_every_block_names_the_newest(one):
    block = parse_block(one["text"].encode())
    check_amendment_of(block, AMENDED)
    assert format_block(block).decode() == one["text"]
    assert block.hash == b64decode(one["hash"])
    assert {sector: AMENDED.rules(sector, block.height) for sector in one["rules"]} == one["rules"]


@pytest.mark.parametrize("one", VECTORS["refused"], ids=lambda one: one["why"])
def test_what_is_refused(one):
    with pytest.raises(LitopysError):
        amend_network(NETWORK, [one["note"].encode()])
