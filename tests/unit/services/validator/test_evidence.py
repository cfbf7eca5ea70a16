"""Blocks that were passed over, beside the one that counts: only what a sealer in force signed says anything."""

import dataclasses

import pytest

from litopys.note.notes import parse_note
from services.validator.evidence import second_block
from tests.support.simulated import Simulated

pytestmark = pytest.mark.anyio

SIMULATED = Simulated()
NETWORK = SIMULATED.network()
COUNTED = SIMULATED.block(0, NETWORK.digest, [SIMULATED.record_of("thing:1", offset=0)])
OTHER = dataclasses.replace(COUNTED, previous=bytes(32))
STRANGER = Simulated(signers={"sealer/a": SIMULATED.signer("sealer/b")})


class FakeConnection:
    async def fetchrow(self, _query, height):
        if height != 0:
            return None
        return (0, SIMULATED.block_note(COUNTED), COUNTED.hash, 0, 0, 2, bytes(32), 0)


async def test_another_block_of_a_stored_height():
    row = await second_block(SIMULATED.block_note(OTHER), FakeConnection(), NETWORK)
    assert (row.kind, row.who) == ("two-blocks", f"{NETWORK.origin}/sealer/a")
    assert {row.first, row.second} == {SIMULATED.block_note(OTHER), SIMULATED.block_note(COUNTED)}


@pytest.mark.parametrize(
    "note",
    [
        b"poison",
        SIMULATED.block_note(COUNTED),
        SIMULATED.block_note(dataclasses.replace(OTHER, height=1)),
        STRANGER.block_note(OTHER),
        SIMULATED.block_note(OTHER)[:-8] + b"AAAAAA=\n",
        SIMULATED.block_note(dataclasses.replace(OTHER, origin="other.example/net")),
    ],
    ids=["poison", "the same", "not stored", "stranger", "bad signature", "other network"],
)
async def test_what_says_nothing(note):
    assert parse_note(SIMULATED.block_note(COUNTED)).text
    assert await second_block(note, FakeConnection(), NETWORK) is None
