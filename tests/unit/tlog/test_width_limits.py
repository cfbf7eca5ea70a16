"""No tile and no bundle is wider than 256: the width of a path decides how much a server reads."""

import pytest

from litopys.errors import Malformed
from litopys.tlog.bundles import parse_bundle
from litopys.tlog.tiles import ENTRIES_LEVEL, TilePath, parse_tile_path


@pytest.mark.parametrize("place", ["tile/0/000", "tile/1/x001/x234/067", "tile/entries/000"])
@pytest.mark.parametrize("width", ["0", "01", "256", "257", "300", "999", "1000"])
def test_paths_of_widths_that_no_partial_tile_has_are_refused(place, width):
    with pytest.raises(Malformed):
        parse_tile_path(f"{place}.p/{width}")


@pytest.mark.parametrize("width", [1, 255])
def test_the_narrowest_and_the_widest_partial_tile_have_paths(width):
    assert parse_tile_path(f"tile/entries/000.p/{width}") == TilePath(ENTRIES_LEVEL, 0, width)


@pytest.mark.parametrize(("data", "width"), [(b"", 0), (b"", -1), (b"\0\0" * 257, 257)])
def test_bundles_of_widths_that_no_tree_has_are_refused(data, width):
    with pytest.raises(Malformed):
        parse_bundle(data, width)


def test_the_widest_bundle_is_read():
    assert parse_bundle(b"\0\0" * 256, 256) == [b""] * 256
