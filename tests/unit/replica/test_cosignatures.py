"""Records of the cosignatures topic: what verifies becomes a row, what does not has a reason, nothing stops."""

import pytest

from litopys.note.checkpoints import Checkpoint
from litopys.replica.cosignatures import check_cosignatures
from tests.support.simulated import ORIGIN, Simulated

SIMULATED = Simulated()
NETWORK = SIMULATED.network()
BODY = Checkpoint(ORIGIN, 7, bytes(range(32)))
GOOD = SIMULATED.vote(BODY, "kyiv")


def test_good_ones_become_rows():
    checked = check_cosignatures([GOOD, SIMULATED.log_note(BODY), SIMULATED.vote(BODY, "lviv", 5)], NETWORK)
    assert [(row.size, row.validator, row.root, row.timestamp_s) for row in checked.cosignatures] == [
        (7, "kyiv", BODY.root, 1_800_000_000),
        (7, "lviv", BODY.root, 5),
    ]
    assert checked.cosignatures[0].line == GOOD.decode().split("\n\n")[1].rstrip("\n")
    assert [(row.size, row.root) for row in checked.log_signatures] == [(7, BODY.root)]
    assert checked.sizes == {7}
    assert (checked.passed, checked.evidence) == ([], [])


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "malformed"),
        (b"\x00", "malformed"),
        (GOOD.replace(b"\n7\n", b"\n07\n"), "malformed"),
        (SIMULATED.final_note(BODY), "malformed"),
        (SIMULATED.vote(BODY._replace(origin="other.example/net"), "kyiv"), "malformed"),
        (GOOD.replace(b"\n7\n", b"\n8\n"), "signature"),
        (Simulated(origin="other.example/net").vote(BODY, "kyiv"), "key"),
    ],
)
def test_bad_ones_have_a_reason(value, reason):
    checked = check_cosignatures([value, GOOD], NETWORK)
    assert checked.passed == [reason]
    assert len(checked.cosignatures) == 1


def test_a_name_over_another_key_is_kept():
    signer = SIMULATED.signer("validator/odesa")
    thief = Simulated(
        signers={"validator/lviv": signer._replace(vkey=signer.vkey._replace(name=f"{ORIGIN}/validator/lviv"))}
    )
    checked = check_cosignatures([thief.vote(BODY, "lviv")], NETWORK)
    assert [(row.kind, row.who) for row in checked.evidence] == [("wrong-key", "lviv")]
    assert checked.passed == ["key"]
