"""Checkpoints, cosignatures and possessions: C2SP's example, the other implementation's, and what must be refused."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed, VerificationFailed
from litopys.note.checkpoints import Checkpoint, format_checkpoint, parse_checkpoint
from litopys.note.cosignatures import (
    Cosignature,
    cosign,
    parse_cosignature,
    parse_cosignature_time,
    verify_cosignature,
)
from litopys.note.notes import SignatureLine, format_signature_line, parse_note, parse_signature_line
from litopys.note.possession import sign_possession, verify_possession
from litopys.note.vkeys import ED25519, key_id, parse_vkey
from tests.support.vectors import read_bytes, read_json
from tests.unit.note.keys import LOG, ORIGIN, VALIDATORS

ROOT = b64encode(bytes(32)).decode()
BODY = format_checkpoint(Checkpoint(ORIGIN, 7, bytes(32)))
KYIV, LVIV = VALIDATORS["kyiv"], VALIDATORS["lviv"]
TIME_S = 1_795_000_000
CHECKPOINTS = st.builds(
    Checkpoint,
    st.from_regex(r"[!-*,-~]{1,30}", fullmatch=True),
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
)


@given(CHECKPOINTS)
def test_checkpoints_round_trip(checkpoint):
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


@pytest.mark.parametrize("block", read_json("litopys/blocks.json"), ids=lambda block: block["height"])
def test_checkpoints_of_the_other_implementation(block):
    body = block["checkpoint_body"].encode()
    assert parse_checkpoint(body).size == block["tree_size"]
    assert format_checkpoint(parse_checkpoint(body)) == body


def test_example_of_the_page_on_cosignatures():
    note = parse_note(read_bytes("c2sp/cosigned-checkpoint"))
    assert parse_checkpoint(note.text)[:2] == ("example.com/behind-the-sofa", 20_852_163)
    assert [line.name for line in note.lines] == ["example.com/behind-the-sofa", "witness.example.com/w1"]
    assert parse_cosignature(note.lines[1].signature).timestamp_s == 1_679_315_147


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "\n",
            f"a\n7\n{ROOT}",
            f"a\n7\n{ROOT}\n\n",
            f"a\n7\n{ROOT}\nextension\n",
            f"a\n{ROOT}\n",
            f"\n7\n{ROOT}\n",
        ),
        *(f"a\n{size}\n{ROOT}\n" for size in ("", "07", "-7", "+7", "7 ", "7_0", "0x7", "٧", "1e3", str(2**63), "00")),
        *(f"{origin}\n7\n{ROOT}\n" for origin in ("a b", "a+b", "літопис", "a\tb", " a")),
        *(f"a\n7\n{root}\n" for root in ("", ROOT[:-1], ROOT + " ", b64encode(bytes(31)).decode(), ROOT[:-2] + "B=")),
        f"a\r\n7\r\n{ROOT}\r\n",
    ],
)
def test_other_checkpoints_are_refused(text):
    with pytest.raises(Malformed):
        parse_checkpoint(text.encode())


@pytest.mark.parametrize("wrong", [("a b", 7, bytes(32)), ("a", -1, bytes(32)), ("a", 2**63, bytes(32)), ("a", 7, b"")])
def test_what_could_not_be_read_again_is_not_written(wrong):
    with pytest.raises(Malformed):
        format_checkpoint(Checkpoint(*wrong))


@given(st.integers(0, 2**63 - 1))
def test_cosignatures_tell_their_time(timestamp_s):
    line = cosign(KYIV, BODY, timestamp_s)
    assert verify_cosignature(KYIV.vkey, BODY, line.signature) == timestamp_s
    assert parse_cosignature_time(format_signature_line(line)) == timestamp_s
    assert line.ref == (KYIV.vkey.name, KYIV.vkey.key_id)


def test_the_message_is_that_of_c2sp():
    line = cosign(KYIV, BODY, TIME_S)
    assert line.signature[:8] == TIME_S.to_bytes(8, "big")
    KYIV.vkey.public.check(line.signature[8:], b"cosignature/v1\ntime 1795000000\n" + BODY)


def test_cosignatures_of_the_other_implementation():
    note = parse_note(read_bytes("litopys/checkpoint"))
    vkeys = {vkey.name: vkey for vkey in (parse_vkey(key["vkey"]) for key in read_json("litopys/keys.json").values())}
    cosigned = [line for line in note.lines if "/validator/" in line.name]
    assert len(cosigned) == 3
    for line in cosigned:
        assert verify_cosignature(vkeys[line.name], note.text, line.signature) > 0


@pytest.mark.parametrize("byte", range(72))
def test_any_byte_of_a_cosignature_counts(byte):
    wrong = bytearray(cosign(KYIV, BODY, TIME_S).signature)
    wrong[byte] ^= 1
    with pytest.raises(VerificationFailed):
        verify_cosignature(KYIV.vkey, BODY, bytes(wrong))


@pytest.mark.parametrize("change", [lambda s: s[:-1], lambda s: s + b"\0", lambda s: s[8:], lambda s: b"\x80" + s[1:]])
def test_cosignatures_of_other_forms_are_refused(change):
    wrong = change(cosign(KYIV, BODY, TIME_S).signature)
    with pytest.raises(Malformed):
        parse_cosignature(wrong)
    with pytest.raises(VerificationFailed):
        verify_cosignature(KYIV.vkey, BODY, wrong)


def test_cosignatures_bind_key_and_body():
    signature = cosign(KYIV, BODY, TIME_S).signature
    for vkey, body in ((LVIV.vkey, BODY), (KYIV.vkey, BODY.replace(b"7", b"8"))):
        with pytest.raises(VerificationFailed):
            verify_cosignature(vkey, body, signature)
    assert parse_cosignature(signature) == Cosignature(TIME_S, signature[8:])


@pytest.mark.parametrize(("signer", "timestamp_s"), [(LOG, TIME_S), (KYIV, -1), (KYIV, 2**63)])
def test_what_is_not_cosigned(signer, timestamp_s):
    with pytest.raises(Malformed):
        cosign(signer, BODY, timestamp_s)


@pytest.mark.parametrize("signer", [LOG, KYIV], ids=["log", "validator"])
def test_possession(signer):
    text = sign_possession(signer, ORIGIN)
    assert verify_possession(text, vkey=signer.vkey, origin=ORIGIN) == signer.vkey
    line = parse_signature_line(text)
    assert line.key_id == key_id(signer.vkey.name, ED25519, signer.vkey.public.raw)
    assert len(line.signature) == 64


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        (sign_possession(KYIV, ORIGIN), "litopys.example/other"),
        (sign_possession(LVIV, ORIGIN), ORIGIN),
        (
            format_signature_line(
                parse_signature_line(sign_possession(KYIV, ORIGIN))._replace(key_id=KYIV.vkey.key_id)
            ),
            ORIGIN,
        ),
        (
            format_signature_line(
                SignatureLine(KYIV.vkey.name, parse_signature_line(sign_possession(KYIV, ORIGIN)).key_id, bytes(64))
            ),
            ORIGIN,
        ),
    ],
    ids=["another network", "another key", "under the id of the 0x04 key", "no signature"],
)
def test_other_possessions_are_refused(text, origin):
    with pytest.raises(VerificationFailed):
        verify_possession(text, vkey=KYIV.vkey, origin=origin)


def test_possessions_of_the_other_implementation():
    network = read_json("litopys/network.json")
    keys = [network["log"], *network["sealers"], *network["validators"]]
    keys += [key for sector in network["sectors"] for key in sector["keys"]]
    assert len(keys) == 9
    for key in keys:
        verify_possession(key["possession"], vkey=parse_vkey(key["vkey"]), origin=network["origin"])
