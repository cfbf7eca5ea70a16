"""Growing: whatever the blocks, the same root and the same tiles; and a restart from tiles alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed
from litopys.tlog.hashing import EMPTY_ROOT
from litopys.tlog.tiles import TILE_WIDTH, tile_width, tiles_for_size
from litopys.tlog.tree import TreeEdge
from tests.unit.tlog.in_memory import TileStore, defined_root, grown, leaves

# Where tiles fill up and levels begin, one to each side.
EDGES = [1, 2, 3, 127, 128, 129, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_793]
ALL = leaves(max(EDGES))


def test_the_empty_tree():
    edge = TreeEdge()
    assert (edge.size, edge.root()) == (0, EMPTY_ROOT)
    assert edge.append([]) == []
    assert edge.size == 0


@pytest.mark.parametrize("size", EDGES)
def test_root_is_that_of_the_definition(size):
    edge, _ = grown(ALL[:size], block=700)
    assert edge.size == size
    assert edge.root() == defined_root(ALL[:size])


@given(st.lists(st.integers(0, 600), max_size=8))
def test_blocks_leave_no_trace(counts):
    edge, store = TreeEdge(), TileStore()
    for count in counts:
        store.keep(edge.append(leaves(count, first=edge.size)))
        edge = TreeEdge.load(edge.size, store.read)
    at_once, other = grown(leaves(sum(counts)), block=10_000)
    assert (edge.size, edge.root(), store.rows) == (at_once.size, at_once.root(), other.rows)


@pytest.mark.parametrize("size", EDGES)
def test_tiles_hold_what_tlog_tiles_says(size):
    _, store = grown(ALL[:size])
    assert {(t.level, t.index): t.width * 32 for t in tiles_for_size(size)} == {
        place: len(hashes) for place, hashes in store.rows.items()
    }
    for (level, index), hashes in store.rows.items():
        covered = TILE_WIDTH**level
        for number in {0, len(hashes) // 32 - 1}:
            start = (index * TILE_WIDTH + number) * covered
            assert hashes[number * 32 :][:32] == defined_root(ALL[start : start + covered])


def test_an_append_hands_out_changed_tiles_only():
    edge, _ = grown(leaves(600))
    assert [(t.level, t.index, len(t.hashes) // 32) for t in edge.append(leaves(10, first=600))] == [(0, 2, 98)]
    changed = edge.append(leaves(200, first=610))
    assert [(t.level, t.index, len(t.hashes) // 32) for t in changed] == [(0, 2, 256), (0, 3, 42), (1, 0, 3)]


def test_a_full_tile_is_never_handed_out_again():
    edge, final = TreeEdge(), {}
    for block in range(40):
        for tile in edge.append(leaves(37, first=block * 37)):
            assert (tile.level, tile.index) not in final
            if len(tile.hashes) == TILE_WIDTH * 32:
                final[tile.level, tile.index] = tile.hashes
    assert final


@pytest.mark.parametrize("size", EDGES)
def test_a_restart_reads_the_partial_tiles_and_no_other(size):
    edge, store = grown(ALL[:size])
    store.asked.clear()
    loaded = TreeEdge.load(size, store.read)
    assert loaded.root() == edge.root()
    assert all(0 < width < TILE_WIDTH for _, _, width in store.asked)
    assert all(width == tile_width(level=level, index=index, size=size) for level, index, width in store.asked)
    assert len(store.asked) == len({level for level, _, _ in store.asked})


def test_a_restart_at_an_earlier_size_cuts_wider_tiles():
    _, store = grown(ALL[:1000])
    for size in (1, 300, 512, 999):
        assert TreeEdge.load(size, store.read).root() == defined_root(ALL[:size])


@pytest.mark.parametrize("stored", [b"", bytes(31), bytes(32 * 4), bytes(32 * 6)])
def test_a_tile_of_another_width_is_refused(stored):
    with pytest.raises(Malformed):
        TreeEdge.load(5, lambda *_: stored)


def test_a_copy_grows_alone():
    edge, _ = grown(leaves(300))
    before = edge.root()
    copy = edge.copy()
    copy.append(leaves(5, first=300))
    assert (edge.size, edge.root()) == (300, before)
    assert copy.root() == defined_root(leaves(305))


def test_memory_is_bounded_by_the_right_edge():
    edge, _ = grown(ALL)
    assert sum(len(level) for level in edge._partial) < TILE_WIDTH * len(edge._partial)
