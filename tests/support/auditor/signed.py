"""Keys, signed notes, sectors' signatures and the tree of RFC 6962, written once more from their specifications."""

import base64
import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

BATCH = b"litopys.batch.v1"
DASH = "— ".encode()


class Key(NamedTuple):
    """A public key, and the id under which each kind of its signatures goes."""

    name: str
    plain_id: bytes
    batch_id: bytes
    public: Ed25519PublicKey

    def holds(self, signature: bytes, message: bytes) -> bool:
        try:
            self.public.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Line(NamedTuple):
    """A signature line: who, under which key id, and the rest."""

    name: str
    key_id: bytes
    blob: bytes


def read_key(vkey: str) -> Key:
    name, _, encoded = vkey.split("+", 2)
    raw = base64.b64decode(encoded)
    plain = sha256(name.encode() + b"\n" + raw).digest()[:4]
    batch = sha256(name.encode() + b"\n\xff" + BATCH + raw[1:]).digest()[:4]
    return Key(name, plain, batch, Ed25519PublicKey.from_public_bytes(raw[1:]))


def read_line(line: bytes) -> Line | None:
    if not line.startswith(DASH):
        return None
    name, _, encoded = line.removeprefix(DASH).partition(b" ")
    try:
        blob = base64.b64decode(encoded, validate=True)
        return Line(name.decode(), blob[:4], blob[4:])
    except ValueError:
        return None


def split_note(note: bytes) -> tuple[bytes, list[Line]]:
    """The text and the lines of a signed note; no line where it is none."""
    text, gap, tail = note.rpartition(b"\n\n")
    lines = [read_line(line) for line in tail.split(b"\n")[:-1]]
    return (text + b"\n", [line for line in lines if line is not None]) if gap and None not in lines else (note, [])


def event_of(value: bytes) -> dict[str, Any] | None:
    """What a record says, where it is JSON at all."""
    try:
        read = json.loads(value)
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


def is_signed_event(key: Key, value: bytes, line: bytes) -> bool:
    """Whether a sector's line holds over a value: alone, or as one of a batch."""
    read = read_line(line)
    if read is None or read.name != key.name:
        return False
    if read.key_id == key.plain_id:
        return key.holds(read.blob, value + b"\n")
    if read.key_id != key.batch_id:
        return False
    index, count = int.from_bytes(read.blob[:2], "big"), int.from_bytes(read.blob[2:4], "big")
    path, signature = read.blob[4:-64], read.blob[-64:]
    root = _climb(leaf_hash(value + b"\n"), path, index=index, count=count)
    if root is None:
        return False
    return key.holds(signature, b"%s/batch\n%d\n%s\n" % (key.name.encode(), count, base64.b64encode(root)))


def is_cosigned(key: Key, body: bytes, line: Line) -> bool:
    """Whether a validator's line holds over a checkpoint (C2SP cosignature v1)."""
    if (line.name, line.key_id) != (key.name, key.plain_id) or len(line.blob) != 72:
        return False
    time_s = int.from_bytes(line.blob[:8], "big")
    return key.holds(line.blob[8:], b"cosignature/v1\ntime %d\n%s" % (time_s, body))


def is_signed_note(key: Key, text: bytes, line: Line) -> bool:
    return (line.name, line.key_id) == (key.name, key.plain_id) and key.holds(line.blob, text)


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def _climb(node: bytes, path: bytes, *, index: int, count: int) -> bytes | None:
    """The root to which a leaf and its audit path lead (RFC 9162, section 2.1.3.2)."""
    if not index < count <= 64 or len(path) % 32:
        return None
    place, last = index, count - 1
    for at in range(0, len(path), 32):
        other = path[at : at + 32]
        if last == 0:
            return None
        if place & 1 or place == last:
            node = node_hash(other, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, other)
        place, last = place >> 1, last >> 1
    return node if last == 0 else None


class GrowingTree:
    """The tree by its full subtrees, the largest first: enough for the root at every size."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []

    def append(self, entries: Iterable[bytes]) -> None:
        for entry in entries:
            level, node = 0, leaf_hash(entry)
            while self._peaks and self._peaks[-1][0] == level:
                level, node = level + 1, node_hash(self._peaks.pop()[1], node)
            self._peaks.append((level, node))
            self.size += 1

    def root(self) -> bytes:
        """The root now; of no leaves, the hash of nothing."""
        if not self._peaks:
            return sha256(b"").digest()
        node = self._peaks[-1][1]
        for _, left in reversed(self._peaks[:-1]):
            node = node_hash(left, node)
        return node
