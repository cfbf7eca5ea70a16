"""A log of ours, read by Go's own checksum database client and by Tessera."""

import pytest

from tests.interop.foreign import ForeignRefusal, check_with_go_sumdb, check_with_tessera_fsck
from tests.interop.static_log import serve

pytestmark = [pytest.mark.interop, pytest.mark.timeout(900)]  # the first test compiles, maybe from nothing

TILE = "tile/0/000.p/99"
BUNDLE = "tile/entries/000.p/99"
COSIGNED = ["kyiv", "odesa", "dnipro"]


def flipped(content: bytes, place: int) -> bytes:
    """The same bytes but for the lowest bit of one."""
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def flipped_in(files, path, place):
    return files | {path: flipped(files[path], place)}


def without_line(note: bytes, name: str) -> bytes:
    """A note without the signature of that name."""
    return b"".join(line for line in note.splitlines(keepends=True) if f"/{name} ".encode() not in line)


# What to alter in the vectors' log, as (path, place of the byte).
FLIPS = {
    "first hash of a tile": (TILE, 0),
    "last hash of a tile": (TILE, -1),
    "first entry of a bundle": (BUNDLE, 2),
    "last entry of a bundle": (BUNDLE, -1),
    "length in a bundle": (BUNDLE, 1),
    "origin": ("checkpoint", 0),
    "size": ("checkpoint", 20),
    "root": ("checkpoint", 25),
    "log's signature": ("checkpoint", 120),
}


@pytest.mark.usefixtures("outsider")
class TestGoSumdb:
    def test_accepts_the_log(self, log):
        with serve(log.files) as url:
            words = check_with_go_sumdb(url, log.network, old_checkpoints=log.old)
        assert words == (
            "log vectors.example/one: size 99, cosigned by kyiv odesa dnipro; "
            "1 tiles authenticated, entries 0 to 99 included, grown from size 46, grown from size 92"
        )

    def test_accepts_a_log_with_tiles_of_all_kinds(self, wide_log):
        assert {"tile/2/000.p/3", "tile/1/003.p/233", "tile/0/x001/001.p/44"} <= wide_log.files.keys()
        with serve(wide_log.files) as url:
            words = check_with_go_sumdb(url, wide_log.network, first=wide_log.size - 100)
        assert "cosigned by kyiv lviv odesa dnipro; 1007 tiles authenticated, entries 256200 to 256300" in words

    @pytest.mark.parametrize(("path", "place"), FLIPS.values(), ids=FLIPS)
    def test_refuses_a_flipped_bit(self, log, path, place):
        with serve(flipped_in(log.files, path, place)) as url, pytest.raises(ForeignRefusal, match=r"^refused: "):
            check_with_go_sumdb(url, log.network)

    @pytest.mark.parametrize(
        "path", ["tile/0/000", "tile/0/x001/000", "tile/1/001", "tile/1/003.p/233", "tile/2/000.p/3"]
    )
    def test_refuses_a_flipped_bit_in_any_tile(self, wide_log, path):
        with (
            serve(flipped_in(wide_log.files, path, 1000 % len(wide_log.files[path]))) as url,
            pytest.raises(ForeignRefusal, match="downloaded inconsistent tile"),
        ):
            check_with_go_sumdb(url, wide_log.network, end=0)

    def test_refuses_a_bad_cosignature(self, log):
        place = log.files["checkpoint"].index(b"/validator/kyiv ") + 60
        with (
            serve(flipped_in(log.files, "checkpoint", place)) as url,
            pytest.raises(ForeignRefusal, match=r"invalid signature for key vectors\.example/one/validator/kyiv"),
        ):
            check_with_go_sumdb(url, log.network)

    def test_refuses_a_checkpoint_without_quorum(self, log):
        files = log.files | {"checkpoint": without_line(log.files["checkpoint"], "odesa")}
        with (
            serve(files) as url,
            pytest.raises(ForeignRefusal, match=r"no quorum of 3: cosigned by \[kyiv dnipro\]"),
        ):
            check_with_go_sumdb(url, log.network)

    def test_refuses_a_log_that_did_not_grow_from_the_old_one(self, log):
        [first, second] = log.old
        other = b"\n".join([*first.split(b"\n")[:2], *second.split(b"\n")[2:]])
        with serve(log.files) as url, pytest.raises(ForeignRefusal, match="growth from size 46"):
            check_with_go_sumdb(url, log.network, old_checkpoints=[other])

    @pytest.mark.parametrize("path", ["checkpoint", TILE, BUNDLE])
    def test_refuses_a_log_with_something_missing(self, log, path):
        files = {name: content for name, content in log.files.items() if name != path}
        with serve(files) as url, pytest.raises(ForeignRefusal, match="404"):
            check_with_go_sumdb(url, log.network)


@pytest.mark.usefixtures("tessera_fsck")
class TestTesseraFsck:
    @pytest.mark.parametrize("validator", [None, *COSIGNED])
    def test_accepts_the_log(self, log, validator):
        with serve(log.files) as url:
            words = check_with_tessera_fsck(url, log.network, validator=validator)
        assert "Successfully fsck'd log with size 99" in words

    def test_accepts_a_log_with_tiles_of_all_kinds(self, wide_log):
        with serve(wide_log.files) as url:
            assert "Successfully fsck'd log with size 256300" in check_with_tessera_fsck(url, wide_log.network)

    def test_refuses_a_validator_that_did_not_cosign(self, log):
        with serve(log.files) as url, pytest.raises(ForeignRefusal):
            check_with_tessera_fsck(url, log.network, validator="lviv")

    @pytest.mark.parametrize(("path", "place"), FLIPS.values(), ids=FLIPS)
    def test_refuses_a_flipped_bit(self, log, path, place):
        with serve(flipped_in(log.files, path, place)) as url, pytest.raises(ForeignRefusal):
            check_with_tessera_fsck(url, log.network)

    def test_refuses_a_bad_cosignature(self, log):
        place = log.files["checkpoint"].index(b"/validator/kyiv ") + 60
        with serve(flipped_in(log.files, "checkpoint", place)) as url, pytest.raises(ForeignRefusal):
            check_with_tessera_fsck(url, log.network, validator="kyiv")
