"""A store of tiles in memory, and RFC 6962's tree by its own definition, for tests to compare with."""

from hashlib import sha256

from litopys.tlog.tree import TreeEdge


def leaves(count, first=0):
    """Distinct 32-byte values in the place of leaf hashes."""
    return [sha256(b"%d" % number).digest() for number in range(first, first + count)]


def defined_root(hashes):
    """MTH of RFC 6962, section 2.1, with its own hashing: it must not share a mistake with the code under test."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha256(b"\x01" + defined_root(hashes[:split]) + defined_root(hashes[split:])).digest()


class TileStore:
    """Keeps the last state of every tile and cuts narrower widths from it, as a validator's database does."""

    def __init__(self):
        self.rows = {}
        self.asked = []

    def keep(self, tiles):
        for tile in tiles:
            self.rows[tile.level, tile.index] = tile.hashes
        return tiles

    def read(self, level, index, width):
        self.asked.append((level, index, width))
        return self.rows[level, index][: width * 32]


def grown(hashes, *, block=1000):
    """A tree and its store, grown in blocks."""
    store, edge = TileStore(), TreeEdge()
    for start in range(0, len(hashes), block):
        store.keep(edge.append(hashes[start : start + block]))
    return edge, store
