"""The two hashes, against the published reference tree and from their definition."""

from hashlib import sha256

import pytest

from litopys.tlog.hashing import EMPTY_ROOT, leaf_hash, node_hash, tree_root
from tests.support.vectors import read_json

REFERENCE = read_json("rfc6962/eight-leaves.json")
LEAVES = [leaf_hash(bytes.fromhex(leaf)) for leaf in REFERENCE["leaves"]]


def test_a_leaf_is_hashed_behind_a_zero_byte():
    assert leaf_hash(b"entry") == sha256(b"\x00entry").digest()


def test_a_node_is_hashed_behind_a_one_byte_left_before_right():
    assert node_hash(b"l" * 32, b"r" * 32) == sha256(b"\x01" + b"l" * 32 + b"r" * 32).digest()


def test_leaves_and_nodes_cannot_be_taken_for_each_other():
    left, right = LEAVES[:2]
    assert leaf_hash(left + right) != node_hash(left, right)
    assert node_hash(left, right) != node_hash(right, left)


def test_the_root_without_leaves_is_the_hash_of_nothing():
    assert tree_root([]) == EMPTY_ROOT
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 9))
def test_reference_roots(size):
    assert tree_root(LEAVES[:size]).hex() == REFERENCE["roots"][size - 1]
