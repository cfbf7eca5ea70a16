"""Receipts: they verify with the policy alone, and nothing in them is idle."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from litopys.errors import LitopysError, Malformed, VerificationFailed
from litopys.event.entries import format_entry
from litopys.ledger.block_entries import BlockEntry, format_block_entry
from litopys.ledger.receipts import Receipt, format_receipt, make_receipt, parse_receipt, verify_receipt
from litopys.note.checkpoints import Checkpoint
from litopys.note.notes import Note, format_note, parse_note, sign_text
from tests.support.simulated import ORIGIN, Simulated, make_key

SIMULATED = Simulated()
NETWORK = SIMULATED.network()
POLICY = NETWORK.policy()
RECORDS = [SIMULATED.record_of(f"land_parcel:{number}", offset=number) for number in range(4)]
BLOCK = SIMULATED.block(0, NETWORK.digest, [SIMULATED.record(b"{}", partition=0, offset=number) for number in range(4)])
ENTRIES = [
    *(format_entry(record.value, record.signature) for record in RECORDS),
    format_block_entry(BlockEntry(BLOCK, 0, 4, 0, sha256(b"").digest())),
]
HASHES = st.binary(min_size=32, max_size=32)


def leaf(entry: bytes) -> bytes:
    return sha256(b"\0" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def tree(entries):
    """Root and the five proofs of a tree of five leaves, written out."""
    a, b, c, d, e = map(leaf, entries)
    ab, cd = node(a, b), node(c, d)
    proofs = [(b, cd, e), (a, cd, e), (d, ab, e), (c, ab, e), (node(ab, cd),)]
    return node(node(ab, cd), e), proofs


ROOT, PROOFS = tree(ENTRIES)
HEAD = Checkpoint(ORIGIN, 5, ROOT)


def receipt_of(place: int, *, entries=ENTRIES, names=("log", "kyiv", "lviv", "odesa"), **changes) -> bytes:
    root, proofs = tree(entries)
    note = SIMULATED.final_note(Checkpoint(ORIGIN, 5, root), names)
    return make_receipt(
        **{"entry": entries[place], "index": place, "proof": proofs[place], "checkpoint": note, **changes}
    )


@pytest.mark.parametrize("index", range(5))
def test_verifies(index):
    verified = verify_receipt(receipt_of(index), POLICY)
    assert (verified.index, verified.entry, verified.checkpoint) == (index, ENTRIES[index], HEAD)
    assert [cosigner.name for cosigner in verified.cosigners] == ["kyiv", "lviv", "odesa"]
    assert [cosigner.timestamp_s for cosigner in verified.cosigners] == [1_800_000_001, 1_800_000_002, 1_800_000_003]


@pytest.mark.parametrize("index", [0, 4])
def test_one_flipped_bit_anywhere_fails(index):
    data = receipt_of(index)
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        with pytest.raises(LitopysError):
            verify_receipt(bytes(changed), POLICY)


@settings(max_examples=200)
@given(st.integers(0, 4), st.data())
def test_no_change_verifies(index, draw):
    """Bytes altered, put in or taken out: only the receipt itself verifies."""
    data = receipt_of(index)
    changed = bytearray(data)
    place = draw.draw(st.integers(0, len(data)))
    changed[place : place + draw.draw(st.integers(0, 60))] = draw.draw(
        st.binary(max_size=3) | st.sampled_from([b"\n", b" ", b"=", "— ".encode(), data[:40], data[-60:]])
    )
    if bytes(changed) != data:
        with pytest.raises(LitopysError):
            verify_receipt(bytes(changed), POLICY)


@given(st.binary(max_size=300))
def test_garbage_is_malformed(data):
    with pytest.raises(Malformed):
        verify_receipt(data, POLICY)


@given(
    st.builds(
        Receipt,
        entry=st.binary(min_size=1, max_size=99),
        index=st.integers(0, 2**63 - 1),
        proof=st.lists(HASHES, max_size=63).map(tuple),
        checkpoint=st.binary(max_size=99),
    )
)
def test_round_trip(receipt):
    data = format_receipt(receipt)
    assert parse_receipt(data) == receipt
    assert format_receipt(parse_receipt(data)) == data


NAMES = {
    "two cosignatures": ("log", "kyiv", "lviv"),
    "no log": ("kyiv", "lviv", "odesa"),
    "no log but all validators": ("kyiv", "lviv", "odesa", "dnipro"),
    "a cosignature more than the quorum": ("log", "kyiv", "lviv", "odesa", "dnipro"),
    "log not first": ("kyiv", "log", "lviv", "odesa"),
    "validators out of order": ("log", "lviv", "kyiv", "odesa"),
    "one of them twice": ("log", "kyiv", "kyiv", "lviv"),
    "the log twice": ("log", "log", "kyiv", "lviv", "odesa"),
}


@pytest.mark.parametrize("case", NAMES)
def test_refuses_these_lines(case):
    with pytest.raises(VerificationFailed):
        verify_receipt(receipt_of(1, names=NAMES[case]), POLICY)


@pytest.mark.parametrize("names", [("log", "kyiv", "lviv", "dnipro"), ("log", "lviv", "odesa", "dnipro")])
def test_any_quorum_will_do(names):
    assert len(verify_receipt(receipt_of(1, names=names), POLICY).cosigners) == 3


def test_refuses_a_line_of_an_unknown_key():
    note = parse_note(SIMULATED.final_note(HEAD))
    stranger = sign_text(make_key("somebody.example/else"), note.text)
    with pytest.raises(VerificationFailed):
        verify_receipt(GOOD + "— x AAAAAAA=\n".encode(), POLICY)
    with pytest.raises(VerificationFailed):
        verify_receipt(receipt_of(1, checkpoint=format_note(Note(note.text, (*note.lines, stranger)))), POLICY)


@pytest.mark.parametrize(
    "changes",
    [
        {"index": 0},
        {"index": 3},
        {"index": 5},
        {"index": 2**40},
        {"proof": PROOFS[0]},
        {"proof": PROOFS[1][:-1]},
        {"proof": (*PROOFS[1], bytes(32))},
        {"proof": ()},
        {"entry": ENTRIES[2]},
        {"checkpoint": SIMULATED.final_note(Checkpoint(ORIGIN, 9, ROOT))},
        {"checkpoint": SIMULATED.final_note(Checkpoint(ORIGIN, 0, ROOT))},
        {"checkpoint": SIMULATED.final_note(Checkpoint("simulated.example/two", 5, ROOT))},
    ],
)
def test_refuses_a_proof_of_something_else(changes):
    with pytest.raises(VerificationFailed):
        verify_receipt(receipt_of(1, **changes), POLICY)


def test_a_leaf_is_hashed_with_its_prefix():
    """A tree of bare hashes of the entries proves nothing here."""
    a, b = (sha256(entry).digest() for entry in ENTRIES[:2])
    head = Checkpoint(ORIGIN, 2, node(a, b))
    with pytest.raises(VerificationFailed):
        verify_receipt(receipt_of(1, proof=(a,), checkpoint=SIMULATED.final_note(head)), POLICY)


def test_a_node_cannot_pass_for_an_entry():
    a, b, c, d, e = map(leaf, ENTRIES)
    head = Checkpoint(ORIGIN, 2, ROOT)
    assert node(node(node(a, b), node(c, d)), e) == ROOT
    inner = b"\1" + node(a, b) + node(c, d)
    with pytest.raises(VerificationFailed):
        verify_receipt(receipt_of(0, entry=inner, proof=(e,), checkpoint=SIMULATED.final_note(head)), POLICY)


def altered_entries(place: int, entry: bytes) -> list[bytes]:
    return [entry if number == place else other for number, other in enumerate(ENTRIES)]


FOREIGN = [
    (0, b"hello"),
    (0, b"{}"),
    (0, ENTRIES[0] + b"\n"),
    (0, RECORDS[0].value),
    (
        0,
        format_entry(
            SIMULATED.event("land_parcel:0", source="https://other.example/x/registers"), RECORDS[0].signature
        ),
    ),
    (0, format_entry(SIMULATED.event("land_parcel:0", type="something"), RECORDS[0].signature)),
    (0, format_entry(SIMULATED.event("land_parcel:0", source=f"https://{ORIGIN}/energy"), RECORDS[0].signature)),
    (4, format_block_entry(BlockEntry(BLOCK, 1, 4, 0, bytes(32)))),
    (3, ENTRIES[4]),
    (4, ENTRIES[4].replace(b"simulated.example/one", b"simulated.example/two")),
    (4, ENTRIES[4].replace(b"block.v1", b"block.v2")),
]


@pytest.mark.parametrize(("place", "entry"), FOREIGN)
def test_refuses_what_this_ledger_never_holds_even_under_a_quorum(place, entry):
    with pytest.raises(VerificationFailed):
        verify_receipt(receipt_of(place, entries=altered_entries(place, entry)), POLICY)


GOOD = receipt_of(1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"tlog-proof@v1", b"tlog-proof@v2"),
        (b"index 1", b"index 01"),
        (b"index 1", b"index +1"),
        (b"index 1", b"index  1"),
        (b"index 1", b"index 1 "),
        (b"index 1", b"Index 1"),
        (b"extra ", b"extra  "),
        (b"extra ", b"data "),
        (b"\nindex", b"\r\nindex"),
        (b"\nindex", b"\n\nindex"),
        (b"extra e", b"extra =e"),
    ],
)
def test_refuses_another_spelling(old, new):
    assert old in GOOD
    with pytest.raises(Malformed):
        verify_receipt(GOOD.replace(old, new, 1), POLICY)


def test_formats_no_receipt_that_could_not_be_parsed():
    for receipt in (
        Receipt(b"", 0, (), b""),
        Receipt(b"x", -1, (), b""),
        Receipt(b"x", 2**63, (), b""),
        Receipt(b"x", 0, (bytes(32),) * 64, b""),
    ):
        with pytest.raises(Malformed):
            format_receipt(receipt)


def test_refuses_a_receipt_too_large_to_be_one():
    with pytest.raises(Malformed):
        parse_receipt(GOOD + b"x" * 200_000)


def test_another_network_with_the_same_origin_is_not_believed():
    stranger = Simulated(signers={"log": make_key(ORIGIN + "x")})
    policy = POLICY._replace(log=stranger.signer("log").vkey._replace(name=ORIGIN))
    with pytest.raises(VerificationFailed):
        verify_receipt(GOOD, policy)
