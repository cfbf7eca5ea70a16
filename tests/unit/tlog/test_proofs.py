"""Proofs: the published ones, those of another implementation, all of small trees; and every way to break one."""

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed, VerificationFailed
from litopys.tlog.hashing import EMPTY_ROOT, leaf_hash, node_hash
from litopys.tlog.proofs import (
    prove_consistency,
    prove_inclusion,
    tiles_for_consistency,
    tiles_for_inclusion,
    verify_consistency,
    verify_inclusion,
)
from tests.support.vectors import read_json
from tests.unit.tlog.in_memory import defined_root, grown, leaves

REFERENCE = read_json("rfc6962/eight-leaves.json")
REFERENCE_LEAVES = [leaf_hash(bytes.fromhex(leaf)) for leaf in REFERENCE["leaves"]]
LARGE = 70_000
ALL = leaves(LARGE)
STORE = grown(ALL)[1]
ROOTS = {size: defined_root(ALL[:size]) for size in range(70)}


def unhex(texts):
    return [bytes.fromhex(text) for text in texts]


@pytest.mark.parametrize("case", REFERENCE["inclusion"])
def test_reference_inclusion(case):
    index, size, proof = case["index"], case["size"], unhex(case["proof"])
    assert prove_inclusion(index, size, grown(REFERENCE_LEAVES)[1].read) == proof
    root = bytes.fromhex(REFERENCE["roots"][size - 1])
    verify_inclusion(index=index, size=size, leaf=REFERENCE_LEAVES[index], proof=proof, root=root)


@pytest.mark.parametrize("case", REFERENCE["consistency"])
def test_reference_consistency(case):
    old, new, proof = case["old_size"], case["new_size"], unhex(case["proof"])
    assert prove_consistency(old_size=old, new_size=new, read_tile=grown(REFERENCE_LEAVES)[1].read) == proof
    old_root, new_root = (bytes.fromhex(REFERENCE["roots"][size - 1]) for size in (old, new))
    verify_consistency(old_size=old, new_size=new, old_root=old_root, new_root=new_root, proof=proof)


def test_consistency_of_the_other_implementation():
    hashes = [b64decode(entry["leaf_hash"]) for entry in read_json("litopys/entries.json")]
    store = grown(hashes)[1]
    cases = read_json("litopys/consistency.json")
    assert len(cases) == 4
    for case in cases:
        proof = prove_consistency(old_size=case["from"], new_size=case["to"], read_tile=store.read)
        assert proof == [b64decode(text) for text in case["proof"]]


@pytest.mark.parametrize("size", range(1, 66))
def test_every_entry_of_every_small_tree(size):
    for index in range(size):
        proof = prove_inclusion(index, size, STORE.read)
        given = {"index": index, "size": size, "leaf": ALL[index], "root": ROOTS[size]}
        assert verify_inclusion(proof=proof, **given) == ALL[index]
        for other in {*range(size)} - {index}:
            with pytest.raises(VerificationFailed):
                verify_inclusion(proof=proof, **{**given, "index": other})


@pytest.mark.parametrize("new", range(66))
def test_every_growth_of_every_small_tree(new):
    for old in range(new + 1):
        proof = prove_consistency(old_size=old, new_size=new, read_tile=STORE.read)
        given = {"old_size": old, "new_size": new, "old_root": ROOTS[old], "new_root": ROOTS[new]}
        assert verify_consistency(proof=proof, **given) == ROOTS[new]
        for name in ("old_root", "new_root"):
            with pytest.raises(VerificationFailed):
                verify_consistency(proof=proof, **{**given, name: ALL[-1]} | ({"old_size": 1} if not old else {}))


@given(st.data())
def test_large_trees_read_what_they_list(data):
    size = data.draw(st.integers(1, LARGE))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))
    STORE.asked.clear()
    prove_inclusion(index, size, STORE.read)
    listed = tiles_for_inclusion(index, size)
    assert {*STORE.asked} == {(tile.level, tile.index, tile.width) for tile in listed}
    assert len(listed) == len(set(listed))
    STORE.asked.clear()
    prove_consistency(old_size=old, new_size=size, read_tile=STORE.read)
    listed = tiles_for_consistency(old_size=old, new_size=size)
    assert {*STORE.asked} == {(tile.level, tile.index, tile.width) for tile in listed}


@pytest.mark.parametrize("size", [256, 257, 65_536, 65_537, LARGE])
def test_large_trees_prove(size):
    edge, _ = grown(ALL[:size])
    for index in {0, 1, 255, size // 2, size - 1}:
        proof = prove_inclusion(index, size, STORE.read)
        verify_inclusion(index=index, size=size, leaf=ALL[index], proof=proof, root=edge.root())
    for old in {1, 255, 256, size // 2, size - 1}:
        proof = prove_consistency(old_size=old, new_size=size, read_tile=STORE.read)
        old_root = grown(ALL[:old])[0].root()
        verify_consistency(old_size=old, new_size=size, old_root=old_root, new_root=edge.root(), proof=proof)


def broken(proof):
    """Every proof that differs from this one in one place."""
    yield "one too many", [*proof, ALL[0]]
    yield "one too many before", [ALL[0], *proof]
    for place, one in enumerate(proof):
        rest = proof[:place], proof[place + 1 :]
        yield f"{place} left out", [*rest[0], *rest[1]]
        yield f"{place} twice", [*rest[0], one, one, *rest[1]]
        yield f"{place} with a bit flipped", [*rest[0], bytes([one[0] ^ 1]) + one[1:], *rest[1]]
        yield f"{place} cut short", [*rest[0], one[:31], *rest[1]]
        yield f"{place} and a byte", [*rest[0], one + b"\0", *rest[1]]
    if len(proof) > 1:
        yield "backwards", proof[::-1]


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (4, 5), (20, 21), (31, 64), (64, 65)])
def test_broken_inclusion_is_refused(index, size):
    proof = prove_inclusion(index, size, STORE.read)
    given = {"index": index, "size": size, "leaf": ALL[index], "root": ROOTS[size]}
    for what, wrong in broken(proof):
        with pytest.raises(VerificationFailed):
            verify_inclusion(proof=wrong, **given)
            pytest.fail(what)
    for change in ({"leaf": ALL[-1]}, {"root": ALL[-1]}, {"index": size}, {"index": -1}, {"size": 0}):
        with pytest.raises(VerificationFailed):
            verify_inclusion(proof=proof, **{**given, **change})


def test_an_inner_node_cannot_pass_for_a_leaf_of_the_same_tree():
    node = node_hash(ALL[0], ALL[1])
    proof = prove_inclusion(0, 4, STORE.read)
    with pytest.raises(VerificationFailed):
        verify_inclusion(index=0, size=4, leaf=node, proof=proof[1:], root=ROOTS[4])


@pytest.mark.parametrize(("old", "new"), [(1, 2), (2, 5), (3, 7), (6, 8), (21, 64), (32, 65), (63, 64)])
def test_broken_consistency_is_refused(old, new):
    proof = prove_consistency(old_size=old, new_size=new, read_tile=STORE.read)
    given = {"old_size": old, "new_size": new, "old_root": ROOTS[old], "new_root": ROOTS[new]}
    for what, wrong in broken(proof):
        with pytest.raises(VerificationFailed):
            verify_consistency(proof=wrong, **given)
            pytest.fail(what)
    for change in ({"old_size": new, "new_size": old}, {"old_size": -1}, {"old_root": ROOTS[new]}, {"proof": []}):
        with pytest.raises(VerificationFailed):
            verify_consistency(**{"proof": proof, **given, **change})


@pytest.mark.parametrize(
    ("old", "new", "old_root", "new_root", "proof"),
    [
        (0, 3, ROOTS[1], ROOTS[3], []),
        (0, 3, EMPTY_ROOT, ROOTS[3], [ALL[0]]),
        (3, 3, ROOTS[3], ROOTS[2], []),
        (3, 3, ROOTS[3], ROOTS[3], [ALL[0]]),
        (3, 4, ROOTS[3], ROOTS[4], []),
        (0, 0, ROOTS[1], ROOTS[1], []),
    ],
)
def test_growth_that_takes_no_proof_is_checked_all_the_same(old, new, old_root, new_root, proof):
    with pytest.raises(VerificationFailed):
        verify_consistency(old_size=old, new_size=new, old_root=old_root, new_root=new_root, proof=proof)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_inclusion_of_what_is_not_there(index, size):
    for ask in (lambda: prove_inclusion(index, size, STORE.read), lambda: tiles_for_inclusion(index, size)):
        with pytest.raises(Malformed):
            ask()


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3)])
def test_no_growth_backwards(old, new):
    with pytest.raises(Malformed):
        prove_consistency(old_size=old, new_size=new, read_tile=STORE.read)


# A forger who may choose the roots too: the proof leads to them, and only its length or form gives it away.
A, B, C, D = ALL[:4]
LONG = bytes(33)


def chain(leaf, siblings):
    for sibling in siblings:
        leaf = node_hash(leaf, sibling)
    return leaf


@pytest.mark.parametrize(
    ("size", "proof", "root"),
    [
        (1, [B], node_hash(B, A)),
        (2, [B, C], node_hash(C, node_hash(A, B))),
        (4, [B], node_hash(A, B)),
        (2, [LONG], node_hash(A, LONG)),
        (2**64, [B] * 64, chain(A, [B] * 64)),
    ],
    ids=["longer than a tree of one", "longer", "shorter", "not a hash", "higher than any tree"],
)
def test_inclusion_under_a_root_made_to_fit_is_refused(size, proof, root):
    with pytest.raises(VerificationFailed):
        verify_inclusion(index=0, size=size, leaf=A, proof=proof, root=root)


@pytest.mark.parametrize(
    ("proof", "old_root", "new_root"),
    [
        ([A, B, C, D], node_hash(D, node_hash(C, A)), node_hash(D, node_hash(C, node_hash(A, B)))),
        ([A, B], A, node_hash(A, B)),
        ([A, LONG, C], node_hash(C, A), node_hash(C, node_hash(A, LONG))),
    ],
    ids=["longer", "shorter", "not a hash"],
)
def test_consistency_of_3_and_4_under_roots_made_to_fit_is_refused(proof, old_root, new_root):
    with pytest.raises(VerificationFailed):
        verify_consistency(old_size=3, new_size=4, old_root=old_root, new_root=new_root, proof=proof)
