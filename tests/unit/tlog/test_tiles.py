"""Tiles, bundles and their paths: round trips, C2SP's own examples, and what must be refused."""

from base64 import b64decode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed
from litopys.tlog.bundles import format_bundle, parse_bundle
from litopys.tlog.tiles import (
    ENTRIES_LEVEL,
    TilePath,
    bundles_for_size,
    format_tile_path,
    parse_tile_path,
    tiles_for_size,
)
from tests.support.vectors import read_json
from tests.unit.tlog.in_memory import grown

PATHS = st.builds(TilePath, st.integers(ENTRIES_LEVEL, 63), st.integers(0, 2**55 - 1), st.integers(1, 256))


@given(PATHS)
def test_paths_round_trip(path):
    assert parse_tile_path(format_tile_path(path)) == path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("tile/0/000", TilePath(0, 0, 256)),
        ("tile/0/x001/x234/067", TilePath(0, 1_234_067, 256)),
        ("tile/1/000.p/1", TilePath(1, 0, 1)),
        ("tile/63/x001/000.p/255", TilePath(63, 1000, 255)),
        ("tile/entries/999", TilePath(ENTRIES_LEVEL, 999, 256)),
        ("tile/entries/x123/000.p/42", TilePath(ENTRIES_LEVEL, 123_000, 42)),
    ],
)
def test_known_paths(text, path):
    assert parse_tile_path(text) == path
    assert format_tile_path(path) == text
    assert path.is_bundle == ("entries" in text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "tile", "tile/0", "tile/0/", "/tile/0/000", "tile/0/000/", "tile//000", "tiles/0/000", "tile/0/000\n"),
        *("tile/64/000", "tile/00/000", "tile/-1/000", "tile/+1/000", "tile/a/000", "tile/Entries/000", "tile/٣/000"),
        *("tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/x000", "tile/0/001/002", "tile/0/X001/002", "tile/0/٠٠٠"),
        *("tile/0/x000/001", "tile/0/x000/x001/002", "tile/0/1_0", "tile/0/x999/x999/x999/x999/x999/999"),
        *("tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/-1", "tile/0/000.p/1/", "tile/0/000.P/1", "tile/0/000p/1"),
        *("tile/0/../000", "tile/8/0/000", "tile/data/000", "tile/0/000.p/1.p/1"),
    ],
)
def test_other_paths_are_refused(text):
    with pytest.raises(Malformed):
        parse_tile_path(text)


def test_tiles_of_the_example_of_tlog_tiles():
    """70,000 entries: 273 full tiles and one of 112, one full and one of 17, one of 1."""
    tiles = tiles_for_size(70_000)
    widths = {level: [tile.width for tile in tiles if tile.level == level] for level in range(4)}
    assert widths == {0: [256] * 273 + [112], 1: [256, 17], 2: [1], 3: []}
    assert [tile.width for tile in bundles_for_size(70_000)] == widths[0]


@pytest.mark.parametrize(("size", "tiles"), [(0, []), (1, [(0, 0, 1)]), (256, [(0, 0, 256), (1, 0, 1)])])
def test_tiles_of_small_trees(size, tiles):
    assert [(tile.level, tile.index, tile.width) for tile in tiles_for_size(size)] == tiles
    assert len(bundles_for_size(size)) == (size > 0)


def test_tile_of_the_other_implementation():
    edge, store = grown([b64decode(entry["leaf_hash"]) for entry in read_json("litopys/entries.json")])
    digests = read_json("litopys/tiles.sha256.json")
    (tile,) = tiles_for_size(edge.size)
    assert sha256(store.read(tile.level, tile.index, tile.width)).hexdigest() == digests[format_tile_path(tile)]
    assert {format_tile_path(bundle) for bundle in bundles_for_size(edge.size)} < digests.keys()


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=256))
def test_bundles_round_trip(entries):
    assert parse_bundle(format_bundle(entries), len(entries)) == entries


def test_lengths_stand_before_entries_in_two_bytes_the_larger_first():
    assert format_bundle([b"ab", b"", b"c" * 258]) == b"\0\2ab\0\0\1\2" + b"c" * 258


@given(st.lists(st.binary(max_size=9), min_size=1, max_size=5), st.data())
def test_a_bundle_cut_or_lengthened_anywhere_is_refused(entries, data):
    whole = format_bundle(entries)
    for wrong in (whole[: data.draw(st.integers(0, len(whole) - 1))], whole + data.draw(st.binary(min_size=1))):
        with pytest.raises(Malformed):
            parse_bundle(wrong, len(entries))


@pytest.mark.parametrize("width", [1, 3])
def test_a_bundle_of_another_width_is_refused(width):
    with pytest.raises(Malformed):
        parse_bundle(format_bundle([b"a", b"b"]), width)


@pytest.mark.parametrize("entries", [[], [b""] * 257, [bytes(65_536)]], ids=["none", "too many", "too long"])
def test_what_no_bundle_can_hold_is_refused(entries):
    with pytest.raises(Malformed):
        format_bundle(entries)


def test_the_longest_entry_fits():
    assert parse_bundle(format_bundle([bytes(65_535)]), 1) == [bytes(65_535)]
