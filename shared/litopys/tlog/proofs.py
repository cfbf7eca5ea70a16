"""Inclusion and consistency proofs of RFC 6962, sections 2.1.1 and 2.1.2, made from tiles, and verified.

A caller that reads tiles from afar asks `tiles_for_…` first, fetches them at once, and proves from memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from litopys.errors import Malformed, VerificationFailed
from litopys.tlog.hashing import EMPTY_ROOT, HASH_SIZE, node_hash
from litopys.tlog.ranges import LeafRange, hash_of_range, split_point, tiles_of_ranges
from litopys.tlog.tiles import ReadTile, TilePath

MAX_PROOF: Final = 63
"""Hashes in a proof: one for each level above the leaves of a tree of fewer than 2^63."""


def tiles_for_inclusion(index: int, size: int) -> list[TilePath]:
    """List the tiles that `prove_inclusion` reads."""
    return tiles_of_ranges(_inclusion_ranges(index, size), size=size)


def prove_inclusion(index: int, size: int, read_tile: ReadTile) -> list[bytes]:
    """Prove that the leaf `index` is in the tree of `size` leaves; raises Malformed where it is not."""
    return [hash_of_range(span, size=size, read_tile=read_tile) for span in _inclusion_ranges(index, size)]


def verify_inclusion(*, index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bytes:
    """Return the leaf hash if the proof leads from it to the root; raises VerificationFailed (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise VerificationFailed("the index is not below the tree size")
    node, place, last = leaf, index, size - 1
    for sibling in _hashes(proof):
        if not last:
            raise VerificationFailed("a proof longer than the tree is high")
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    if last or node != root:
        raise VerificationFailed("the proof does not lead to the root")
    return leaf


def tiles_for_consistency(*, old_size: int, new_size: int) -> list[TilePath]:
    """List the tiles that `prove_consistency` reads."""
    return tiles_of_ranges(_consistency_ranges(old_size, new_size), size=new_size)


def prove_consistency(*, old_size: int, new_size: int, read_tile: ReadTile) -> list[bytes]:
    """Prove that the tree of `new_size` begins with that of `old_size`; raises Malformed where sizes are none."""
    ranges = _consistency_ranges(old_size, new_size)
    return [hash_of_range(span, size=new_size, read_tile=read_tile) for span in ranges]


def verify_consistency(
    *, old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bytes:
    """Return the new root if its tree begins with the old one; raises VerificationFailed (RFC 9162, 2.1.4.2)."""
    if not 0 <= old_size <= new_size:
        raise VerificationFailed("the older tree is larger")
    if old_size in {0, new_size}:
        expected = EMPTY_ROOT if old_size == 0 else new_root
        if proof or old_root != expected:
            raise VerificationFailed("two roots of one size, or a proof where none is needed")
        return new_root
    if _roots_by_consistency(old_size, new_size, old_root, _hashes(proof)) != (old_root, new_root):
        raise VerificationFailed("the proof does not lead to both roots")
    return new_root


def _roots_by_consistency(old_size: int, new_size: int, old_root: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Compute both roots that a proof leads to, for 0 < old_size < new_size."""
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    # Where the old tree is perfect, its root starts the proof without standing in it.
    first, *rest = [old_root, *proof] if old_size & (old_size - 1) == 0 else proof or [b""]
    old = new = first
    for sibling in rest:
        if not last:
            raise VerificationFailed("a proof longer than the tree is high")
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise VerificationFailed("a proof shorter than the tree is high")
    return old, new


def _hashes(proof: Sequence[bytes]) -> Sequence[bytes]:
    if len(proof) > MAX_PROOF or any(len(one) != HASH_SIZE for one in proof):
        raise VerificationFailed("a proof is at most 63 hashes of 32 bytes")
    return proof


def _inclusion_ranges(index: int, size: int) -> list[LeafRange]:
    """List the siblings on the way from a leaf to the root, nearest first: PATH of RFC 6962."""
    if not 0 <= index < size:
        raise Malformed("the index is not below the tree size")
    ranges, first, end = [], 0, size
    while end - first > 1:
        middle = first + split_point(end - first)
        if index < middle:
            ranges.append(LeafRange(middle, end))
            end = middle
        else:
            ranges.append(LeafRange(first, middle))
            first = middle
    return ranges[::-1]


def _consistency_ranges(old_size: int, new_size: int) -> list[LeafRange]:
    """List the subtrees of a consistency proof in its order: SUBPROOF of RFC 6962."""
    if not 0 <= old_size <= new_size:
        raise Malformed("the older tree is larger")
    if old_size in {0, new_size}:
        return []
    ranges, first, end = [], 0, new_size
    while end != old_size:
        middle = first + split_point(end - first)
        if old_size <= middle:
            ranges.append(LeafRange(middle, end))
            end = middle
        else:
            ranges.append(LeafRange(first, middle))
            first = middle
    # The old tree's own last subtree is known to whoever knows its root, if that is all of it.
    if first:
        ranges.append(LeafRange(first, end))
    return ranges[::-1]
