"""Signed notes: Go's own, round trips, what must be refused, and whom a note speaks for."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed, VerificationFailed
from litopys.note.base64 import format_base64, parse_base64
from litopys.note.notes import (
    MAX_LINES,
    Note,
    SignatureLine,
    format_note,
    format_signature_line,
    parse_note,
    parse_signature_line,
    plain_checks,
    sign_text,
    verify_note,
)
from litopys.note.vkeys import parse_signer, parse_vkey
from tests.support.vectors import read_json
from tests.unit.note.keys import LOG, STRANGER, VALIDATORS

GO = read_json("c2sp/note.json")
TEXT = b"what was said\n"
CHECKS = plain_checks(LOG.vkey, STRANGER.vkey)
CHARACTERS = st.characters(exclude_categories=("Cs",), exclude_characters="".join(map(chr, range(0x20))))
TEXTS = st.lists(st.text(CHARACTERS, max_size=20), min_size=1, max_size=5).map(lambda lines: "\n".join(lines) + "\n")
LINES = st.builds(
    SignatureLine,
    st.from_regex(r"[!-*,-~]{1,20}", fullmatch=True),
    st.binary(min_size=4, max_size=4),
    st.binary(min_size=1, max_size=80),
)


def signed(*signers, text=TEXT):
    return Note(text, tuple(sign_text(signer, text) for signer in signers))


@given(TEXTS.filter(lambda text: text != "\n"), st.lists(LINES, min_size=1, max_size=MAX_LINES))
def test_notes_round_trip(text, lines):
    note = Note(text.encode(), tuple(lines))
    assert parse_note(format_note(note)) == note


@given(LINES)
def test_lines_round_trip(line):
    assert parse_signature_line(format_signature_line(line)) == line


@given(st.binary(max_size=40))
def test_base64_round_trips(data):
    assert format_base64(data) == b64encode(data).decode()
    assert parse_base64(format_base64(data)) == parse_base64(format_base64(data).encode()) == data


@pytest.mark.parametrize(
    "text",
    ["A", "AA", "AAA", "AA=", "AB==", "AAB=", "AA==AA==", "AAAA=", "AA AA", "AAAA\n", "AA-_", "=", "ÄAAA", "AAAA===="],
)
def test_other_base64_is_refused(text):
    for spelled in (text, text.encode()):
        with pytest.raises(Malformed):
            parse_base64(spelled)


def test_note_of_gos_note_package():
    data = GO["note"].encode()
    note = parse_note(data)
    assert format_note(note) == data
    assert verify_note(note, plain_checks(parse_vkey(GO["vkey"]))) == note.lines
    assert sign_text(parse_signer(GO["signer"]), note.text) == note.lines[0]


def test_the_last_empty_line_ends_the_text():
    line = format_signature_line(sign_text(LOG, TEXT))
    assert parse_note(f"a\n\nb\n\n\n{line}\n".encode()).text == b"a\n\nb\n\n"


LINE = format_signature_line(sign_text(LOG, TEXT))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        TEXT,
        TEXT + b"\n",
        b"\n\n" + LINE.encode() + b"\n",
        b"\n" + LINE.encode() + b"\n",
        TEXT + LINE.encode() + b"\n",
        TEXT + b"\n" + LINE.encode(),
        TEXT + b"\n" + LINE.encode() + b"\n\n",
        TEXT + b"\n" + (LINE + "\n" + LINE).encode(),
        TEXT + b"\n" + LINE.encode() + b"\nno newline",
        TEXT + b"\n" + LINE.encode() + b" \n",
        TEXT + b"\n" + LINE.encode() + b"\r\n",
        TEXT + b"\n" + LINE.encode() + b"\nmore\n",
        TEXT + b"\n" + LINE.encode() + b"\n\xff\n",
        TEXT + b"\n" + (LINE + "\n").encode() * 17,
    ],
)
def test_other_notes_are_refused(data):
    with pytest.raises(Malformed):
        parse_note(data)


def test_sixteen_lines_are_read():
    assert len(parse_note(TEXT + b"\n" + (LINE + "\n").encode() * 16).lines) == 16


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "—",
            "— ",
            "— a",
            "— a ",
            "- a AAAAAAA=",
            "—a AAAAAAA=",
            "—  a AAAAAAA=",
            "— a  AAAAAAA=",
            " — a AAAAAAA=",
        ),
        *("— a AAAAAA==", "— a AAAAAAA", "— a AAAAAAB=", "— a b AAAAAAA=", "— a+b AAAAAAA=", "— літопис AAAAAAA="),
        *("— a\u00a0b AAAAAAA=", "— a AAAAAAA=\n", "— a AAAAAAA= ", "— \x7f AAAAAAA="),
    ],
)
def test_other_lines_are_refused(text):
    with pytest.raises(Malformed):
        parse_signature_line(text)


def test_the_shortest_line_is_read():
    assert parse_signature_line("— a AAAAAAE=") == SignatureLine("a", bytes(4), b"\1")


@pytest.mark.parametrize(
    "note",
    [Note(b"no newline", signed(LOG).lines), Note(TEXT, ()), Note(TEXT, (SignatureLine("a b", bytes(4), b"x"),))],
)
def test_what_could_not_be_read_again_is_not_written(note):
    with pytest.raises(Malformed):
        format_note(note)


def test_known_lines_come_out_in_the_notes_order():
    note = signed(STRANGER, LOG)
    assert verify_note(note, CHECKS) == note.lines
    assert verify_note(note, plain_checks(LOG.vkey)) == note.lines[1:]
    assert verify_note(note, {}) == ()


def test_unknown_lines_are_passed_over_or_refused():
    note = signed(STRANGER, LOG)
    with pytest.raises(VerificationFailed):
        verify_note(note, plain_checks(LOG.vkey), refuse_unknown=True)
    assert verify_note(note, CHECKS, refuse_unknown=True) == note.lines


def test_a_key_is_known_by_name_and_id_together():
    line = sign_text(LOG, TEXT)
    for other in (line._replace(name="other.example"), line._replace(key_id=bytes(4))):
        assert verify_note(Note(TEXT, (other, line)), CHECKS) == (line,)


@pytest.mark.parametrize("place", [0, 1])
def test_one_bad_line_of_a_known_key_fails_the_note(place):
    lines = list(signed(STRANGER, LOG).lines)
    lines[place] = lines[place]._replace(signature=bytes(64))
    with pytest.raises(VerificationFailed):
        verify_note(Note(TEXT, tuple(lines)), CHECKS)


def test_a_known_key_with_two_lines_fails_the_note():
    note = signed(LOG, STRANGER, LOG)
    with pytest.raises(VerificationFailed):
        verify_note(note, CHECKS)
    assert verify_note(note, plain_checks(STRANGER.vkey)) == note.lines[1:2]


def test_the_text_counts_to_the_last_byte():
    note = signed(LOG)
    with pytest.raises(VerificationFailed):
        verify_note(note._replace(text=TEXT[:-1] + b" \n"), CHECKS)


def test_cosignature_keys_neither_sign_nor_check_plain_texts():
    validator = VALIDATORS["kyiv"]
    with pytest.raises(Malformed):
        sign_text(validator, TEXT)
    with pytest.raises(Malformed):
        plain_checks(LOG.vkey, validator.vkey)
