"""Records of the cosignatures topic: what verifies becomes a row, what does not has a reason, nothing stops."""

import pytest

from litopys.ledger.evidence import Accused, Role, weigh
from litopys.note.checkpoints import Checkpoint
from litopys.note.notes import Note, format_note, parse_note
from litopys.note.vkeys import ED25519_COSIGNATURE
from litopys.replica.cosignatures import check_cosignatures, signer_behind
from tests.support.simulated import ORIGIN, Simulated, make_key

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


def renamed(line, **changes):
    """A good vote with another line."""
    text, (own,) = parse_note(line)
    return format_note(Note(text, (own._replace(**changes),)))


LVIV = f"{ORIGIN}/validator/lviv"
LVIV_ID = SIMULATED.signer("validator/lviv").vkey.key_id
FORGED = Simulated(signers={"validator/lviv": make_key(LVIV, ED25519_COSIGNATURE, seed="thief")}).vote(BODY, "lviv")
ODESA = SIMULATED.vote(BODY, "odesa")


@pytest.mark.parametrize(
    ("value", "who"),
    [
        (FORGED, "key " + parse_note(FORGED).lines[0].key_id.hex()),
        (renamed(FORGED, key_id=parse_note(ODESA).lines[0].key_id), ""),
        (renamed(ODESA, name=LVIV), ""),
        (renamed(ODESA, name=LVIV, key_id=LVIV_ID), ""),
    ],
    ids=["unlisted key", "a listed key's id", "another's vote", "another's vote and the right id"],
)
def test_a_name_over_another_key_names_the_key_and_never_whose_name_it_is(value, who):
    checked = check_cosignatures([value], NETWORK)
    assert [(row.kind, row.who, row.size) for row in checked.evidence] == [("wrong-key", who, 7)]
    assert checked.sizes == {7}
    weighed = weigh("wrong-key", who, b"", network=NETWORK, final_height=9)
    assert weighed.accused == (Accused(Role.KEY, who.removeprefix("key ")) if who else None)
    assert "not accused" in weighed.words


def test_a_broken_line_under_the_right_key_could_be_anybodys():
    assert check_cosignatures([renamed(FORGED, key_id=LVIV_ID)], NETWORK).evidence == []


def test_a_signature_is_known_under_any_name():
    assert signer_behind(renamed(ODESA, name=LVIV), NETWORK) == "odesa"
    assert signer_behind(FORGED, NETWORK) is None
