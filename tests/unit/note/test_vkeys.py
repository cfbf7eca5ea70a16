"""Public and private key texts: those of others, round trips, and what must be refused."""

from base64 import b64encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed
from litopys.note.vkeys import (
    ED25519,
    ED25519_COSIGNATURE,
    format_signer,
    format_vkey,
    key_id,
    make_signer,
    make_vkey,
    parse_signer,
    parse_vkey,
)
from tests.support.vectors import read_json
from tests.unit.note.keys import LOG, VALIDATORS

GO = read_json("c2sp/note.json")
OTHERS = read_json("litopys/keys.json")
NAMES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="+"), min_size=1, max_size=40)
SIGNERS = st.builds(
    make_signer, NAMES, st.sampled_from([ED25519, ED25519_COSIGNATURE]), st.binary(min_size=32, max_size=32)
)


def text_of(name, algorithm, key, *, prefix=""):
    """A key text whose id fits, whatever else is wrong with it."""
    digest = sha256(name.encode() + b"\n" + bytes([algorithm]) + key).hexdigest()[:8]
    return f"{prefix}{name}+{digest}+{b64encode(bytes([algorithm]) + key).decode()}"


def test_key_ids_are_hashed_from_name_algorithm_and_key():
    raw = LOG.vkey.public.raw
    assert key_id("a.example", 4, raw) == sha256(b"a.example\n\x04" + raw).digest()[:4]
    assert key_id("a.example", 1, raw) != key_id("a.example", 4, raw)


def test_keys_of_gos_note_package():
    signer = parse_signer(GO["signer"])
    assert format_signer(signer) == GO["signer"]
    assert format_vkey(signer.vkey) == GO["vkey"]
    assert parse_vkey(GO["vkey"]) == signer.vkey
    assert (signer.vkey.name, signer.vkey.key_id.hex()) == ("PeterNeumann", "c74f20a3")


@pytest.mark.parametrize("title", OTHERS)
def test_keys_of_the_other_implementation(title):
    given_key = OTHERS[title]
    vkey = parse_vkey(given_key["vkey"])
    assert vkey.name == title.partition(" ")[0]
    assert make_signer(vkey.name, vkey.algorithm, bytes.fromhex(given_key["seed"])).vkey == vkey
    assert vkey.algorithm == (ED25519_COSIGNATURE if "/validator/" in vkey.name else ED25519)


@given(SIGNERS)
def test_round_trips(signer):
    assert parse_vkey(format_vkey(signer.vkey)) == signer.vkey
    text = format_signer(signer)
    assert parse_signer(text) == signer
    assert parse_signer(text + "\n") == signer
    assert format_signer(parse_signer(text)) == text


@pytest.mark.parametrize("text", [GO["vkey"], format_vkey(VALIDATORS["kyiv"].vkey)])
def test_no_part_of_a_key_text_can_be_left_out_or_altered(text):
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            if (start, end) != (0, len(text)):
                with pytest.raises(Malformed):
                    parse_vkey(text[start:end])
    for place in range(len(text)):
        with pytest.raises(Malformed):
            parse_vkey(text[:place] + chr(ord(text[place]) + 1) + text[place + 1 :])


RAW = LOG.vkey.public.raw
GOOD = format_vkey(LOG.vkey)


@pytest.mark.parametrize(
    "text",
    [
        *("", "+", "++", GOOD + "\n", " " + GOOD, GOOD + "=", GOOD.replace("+", " ", 1)),
        GOOD.replace(LOG.vkey.key_id.hex(), LOG.vkey.key_id.hex().upper()),
        GOOD.replace(LOG.vkey.key_id.hex(), "0" + LOG.vkey.key_id.hex()),
        *(text_of(name, 1, RAW) for name in ("", "a b", "a\nb", "літопис", "a\x7f")),
        *(text_of("a.example", algorithm, RAW) for algorithm in (0x00, 0x02, 0x05, 0x06, 0xFF)),
        *(text_of("a.example", 1, raw) for raw in (b"", RAW[:31], RAW + b"\0", bytes(32), b"\1" + bytes(31))),
        f"a.example+{sha256(b'').hexdigest()[:8]}+",
    ],
)
def test_other_public_keys_are_refused(text):
    with pytest.raises(Malformed):
        parse_vkey(text)


def test_a_key_text_made_by_the_same_means_is_taken():
    assert parse_vkey(text_of("a.example", 1, RAW)) == make_vkey("a.example", 1, RAW)


SECRET = format_signer(LOG)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            GOOD,
            SECRET.removeprefix("PRIVATE+"),
            SECRET.removeprefix("PRIVATE+KEY+"),
            SECRET + "\n\n",
            SECRET + " ",
            SECRET.lower(),
            "\n" + SECRET,
        ),
        SECRET.replace(LOG.vkey.key_id.hex(), "00000000"),
        text_of("a.example", 1, bytes(32), prefix="PRIVATE+KEY+"),
        text_of("a.example", 1, bytes(31), prefix="PRIVATE+KEY+"),
        text_of("a.example", 9, bytes(32), prefix="PRIVATE+KEY+"),
    ],
)
def test_other_private_keys_are_refused(text):
    with pytest.raises(Malformed):
        parse_signer(text)


def test_a_signer_does_not_show_its_secret():
    assert SECRET.rpartition("+")[2] not in repr(LOG)
    assert LOG.private.seed.hex() not in repr(LOG)
