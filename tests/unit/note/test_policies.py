"""Policies: their one spelling, what they must say, and which checkpoints they let through."""

from itertools import combinations

import pytest

from litopys.errors import Malformed, VerificationFailed
from litopys.note.checkpoints import Checkpoint, format_checkpoint
from litopys.note.cosignatures import cosign
from litopys.note.notes import Note, SignatureLine, format_note, sign_text
from litopys.note.policies import Policy, Witness, check_policy, format_policy, parse_policy
from tests.support.vectors import read_bytes
from tests.unit.note.keys import LOG, NAMES, ORIGIN, STRANGER, VALIDATORS

POLICY = Policy(LOG.vkey, tuple(Witness(name, VALIDATORS[name].vkey) for name in NAMES), 3)
TEXT = format_policy(POLICY)
BODY = format_checkpoint(Checkpoint(ORIGIN, 7, bytes(32)))
LOG_LINE = sign_text(LOG, BODY)
LINES = {name: cosign(VALIDATORS[name], BODY, 100 + number) for number, name in enumerate(NAMES)}


def signed(*lines, body=BODY):
    return format_note(Note(body, lines))


def test_policy_of_the_other_implementation():
    text = read_bytes("litopys/policy").decode()
    policy = parse_policy(text)
    assert format_policy(policy) == text
    final = policy.verify_checkpoint(read_bytes("litopys/checkpoint"))
    assert final.checkpoint.size == 99
    assert [cosigner.name for cosigner in final.cosigners] == ["kyiv", "odesa", "dnipro"]


@pytest.mark.parametrize("count", range(1, 8))
def test_policies_round_trip(count):
    witnesses = tuple(Witness(name, VALIDATORS[name].vkey) for name in NAMES[:count])
    policy = Policy(LOG.vkey, witnesses, 2 * len(witnesses) // 3 + 1)
    assert parse_policy(format_policy(policy)) == policy


@pytest.mark.parametrize(
    ("quorum", "is_enough"), [(0, False), (1, False), (2, False), (3, True), (4, True), (5, False)]
)
def test_a_quorum_of_four_is_three_or_four(quorum, is_enough):
    policy = POLICY._replace(quorum=quorum)
    if is_enough:
        check_policy(policy)
    else:
        with pytest.raises(Malformed):
            check_policy(policy)


@pytest.mark.parametrize(("count", "quorum"), [(3, 2), (0, 0)])
def test_exactly_two_thirds_or_nobody_is_no_quorum(count, quorum):
    with pytest.raises(Malformed):
        check_policy(POLICY._replace(witnesses=POLICY.witnesses[:count], quorum=quorum))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1],
        lambda text: text + "\n",
        lambda text: text + "more",
        lambda text: "# a comment\n" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("log ", "log  "),
        lambda text: text.replace("\nwitness lviv", " https://log.example\nwitness lviv"),
        lambda text: text.replace("group Q 3", "group Q 03"),
        lambda text: text.replace("group Q 3", "group Q all"),
        lambda text: text.replace("group Q 3", "group Q 2"),
        lambda text: text.replace("group Q 3", "group Q 5"),
        lambda text: text.replace("group Q 3 kyiv lviv", "group Q 3 lviv kyiv"),
        lambda text: text.replace("kyiv lviv odesa dnipro", "kyiv lviv odesa"),
        lambda text: text.replace("kyiv lviv odesa dnipro", "kyiv lviv odesa dnipro dnipro"),
        lambda text: text.replace("Q", "R"),
        lambda text: text.replace("quorum Q", "quorum kyiv"),
        lambda text: text.replace("quorum Q", "quorum none"),
        lambda text: text.replace("witness kyiv", "witness Kyiv").replace("3 kyiv", "3 Kyiv"),
        lambda text: text.replace("witness lviv", "witness kyiv").replace("kyiv lviv", "kyiv kyiv"),
        lambda text: text.replace("\nwitness kyiv", "\nlog", 1),
        lambda text: "".join(text.splitlines(keepends=True)[1:]),
        lambda text: "\n" * 5,
        lambda _: "",
    ],
)
def test_other_policies_are_refused(change):
    text = change(TEXT)
    assert text != TEXT
    with pytest.raises(Malformed):
        parse_policy(text)


def test_keys_of_the_wrong_kind_are_refused():
    plain = POLICY.witnesses[0]._replace(vkey=STRANGER.vkey)
    for policy in (
        POLICY._replace(log=VALIDATORS["dnipro"].vkey, witnesses=POLICY.witnesses[:3]),
        POLICY._replace(witnesses=(plain, *POLICY.witnesses[1:])),
    ):
        with pytest.raises(Malformed):
            format_policy(policy)


@pytest.mark.parametrize("names", [*combinations(NAMES, 3), NAMES])
def test_any_quorum_makes_a_checkpoint_final(names):
    final = POLICY.verify_checkpoint(signed(LOG_LINE, *(LINES[name] for name in names[::-1])))
    assert final.checkpoint == Checkpoint(ORIGIN, 7, bytes(32))
    assert final.cosigners == tuple((name, 100 + NAMES.index(name)) for name in NAMES if name in names)


@pytest.mark.parametrize("names", [(), *combinations(NAMES, 1), *combinations(NAMES, 2)])
def test_less_than_a_quorum_does_not(names):
    with pytest.raises(VerificationFailed, match="quorum"):
        POLICY.verify_checkpoint(signed(LOG_LINE, *(LINES[name] for name in names)))


def test_one_validator_does_not_count_twice():
    again = cosign(VALIDATORS["kyiv"], BODY, 999)
    for lines in ((LINES["kyiv"],) * 3, (LINES["kyiv"], again, LINES["lviv"]), (*LINES.values(), again)):
        with pytest.raises(VerificationFailed):
            POLICY.verify_checkpoint(signed(LOG_LINE, *lines))


def test_no_quorum_without_the_log():
    with pytest.raises(VerificationFailed, match="log"):
        POLICY.verify_checkpoint(signed(*LINES.values()))
    with pytest.raises(VerificationFailed, match="log"):
        POLICY.verify_checkpoint(signed(sign_text(STRANGER, BODY), *LINES.values()))


@pytest.mark.parametrize("who", [*range(5)])
def test_a_bad_line_fails_even_beside_a_quorum(who):
    lines = [LOG_LINE, *LINES.values()]
    lines[who] = lines[who]._replace(signature=lines[who].signature[:-1] + b"\x7f")
    with pytest.raises(VerificationFailed):
        POLICY.verify_checkpoint(signed(*lines))


def test_a_validators_plain_signature_is_no_cosignature():
    private = VALIDATORS["kyiv"].private
    line = LINES["kyiv"]._replace(signature=private.sign(BODY))
    with pytest.raises(VerificationFailed):
        POLICY.verify_checkpoint(signed(LOG_LINE, *list(LINES.values())[1:], line))


def test_cosignatures_of_another_body_do_not_count():
    other = format_checkpoint(Checkpoint(ORIGIN, 8, bytes(32)))
    with pytest.raises(VerificationFailed):
        POLICY.verify_checkpoint(signed(sign_text(LOG, other), *LINES.values(), body=other))


def test_another_origin_is_refused_whoever_signed():
    other = format_checkpoint(Checkpoint("litopys.example/other", 7, bytes(32)))
    lines = (sign_text(LOG, other), *(cosign(VALIDATORS[name], other, 1) for name in NAMES))
    with pytest.raises(VerificationFailed, match="another log"):
        POLICY.verify_checkpoint(signed(*lines, body=other))


def test_strangers_are_passed_over_or_refused():
    stranger = SignatureLine("witness.example", b"abcd", b"x")
    data = signed(LOG_LINE, stranger, *LINES.values())
    assert len(POLICY.verify_checkpoint(data).cosigners) == 4
    with pytest.raises(VerificationFailed):
        POLICY.verify_checkpoint(data, refuse_unknown=True)


@pytest.mark.parametrize("data", [b"", BODY, BODY + b"\n", signed(LOG_LINE, body=b"a\nb\nc\n")])
def test_what_is_no_checkpoint_is_refused(data):
    with pytest.raises(Malformed):
        POLICY.verify_checkpoint(data)


def test_any_flipped_bit_is_noticed():
    data = read_bytes("litopys/checkpoint")
    policy = parse_policy(read_bytes("litopys/policy").decode())
    for place in range(len(data)):
        wrong = bytearray(data)
        wrong[place] ^= 1 << place % 8
        with pytest.raises((Malformed, VerificationFailed)):
            policy.verify_checkpoint(bytes(wrong))
