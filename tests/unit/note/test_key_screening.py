"""Keys of a policy: none shares name and id with another, the log's counted; and what a note's text may not hold."""

import pytest

from litopys.errors import Malformed
from litopys.note.notes import parse_note
from litopys.note.policies import Policy, Witness, check_policy
from litopys.note.vkeys import ED25519, ED25519_COSIGNATURE, make_signer

LOG = make_signer("litopys.example/test", ED25519, bytes(31) + b"\1").vkey
KYIV, LVIV = (
    make_signer(f"litopys.example/test/validator/{name}", ED25519_COSIGNATURE, bytes(31) + seed).vkey
    for name, seed in (("kyiv", b"\2"), ("lviv", b"\3"))
)
LINE = "\n— a.example AAAAAAA=\n".encode()


def policy(*vkeys):
    names = ("kyiv", "lviv")
    return Policy(LOG, tuple(Witness(name, vkey) for name, vkey in zip(names, vkeys, strict=True)), 2)


def test_different_keys_pass():
    check_policy(policy(KYIV, LVIV))


@pytest.mark.parametrize(
    "second",
    [
        LVIV._replace(name=LOG.name, key_id=LOG.key_id),
        LVIV._replace(name=KYIV.name, key_id=KYIV.key_id),
        LVIV._replace(public=LOG.public),
        LVIV._replace(public=KYIV.public),
    ],
    ids=["name and id of the log", "name and id of a validator", "key of the log", "key of a validator"],
)
def test_two_keys_that_a_note_could_not_tell_apart_are_refused(second):
    with pytest.raises(Malformed):
        check_policy(policy(KYIV, second))


@pytest.mark.parametrize("code", [code for code in range(0x20) if code != 0x0A])
@pytest.mark.parametrize("place", [0, 3, 6], ids=["first", "inside", "before the last newline"])
def test_control_characters_are_refused_wherever_they_stand(code, place):
    text = bytearray(b"abc\nde\n")
    text.insert(place, code)
    with pytest.raises(Malformed):
        parse_note(bytes(text) + LINE)


@pytest.mark.parametrize("text", [b"abc\nde\n", "літопис\n".encode(), b"a\n\nb\n", b" \x7f\n"])
def test_other_text_is_taken_as_it_stands(text):
    assert parse_note(text + LINE).text == text


def test_text_that_is_not_utf_8_is_refused():
    with pytest.raises(Malformed):
        parse_note(b"\xff\n" + LINE)
