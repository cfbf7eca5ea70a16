r"""Signatures of sectors over events: plain, or one for a batch of up to 64 (docs/spec/events.md, "Signature").

The signed text is the value ‖ ``\n``. A batch line carries index, count, audit path and the signature over
`<key name>/batch\n<count>\n<base64 root>\n`.

The verdict is that of the event alone. Rebuilding a whole batch saves most of the hashing when its events stand
together, and remembering checked signatures saves most of the curve arithmetic; neither can change a verdict.
"""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Final, NamedTuple

from litopys.errors import Malformed, VerificationFailed
from litopys.event.lines import EventLine, format_line
from litopys.note.base64 import format_base64
from litopys.note.ed25519 import SIGNATURE_BYTES, PrivateKey, PublicKey
from litopys.note.vkeys import ED25519, Signer, Vkey, key_id

MAX_BATCH: Final = 64
BATCH_ALGORITHM: Final = b"litopys.batch.v1"
_HASH_BYTES: Final = 32
_HEADER_BYTES: Final = 4
_REMEMBERED: Final = 4096


class SectorKey(NamedTuple):
    """A public key of a sector with the ids of its two signature types."""

    name: str
    public: PublicKey
    plain_id: bytes
    batch_id: bytes


class SectorSigner(NamedTuple):
    """A private key of a sector; `key` is its public half."""

    key: SectorKey
    private: PrivateKey


class Claim(NamedTuple):
    """What a record says: this text (value and newline) was signed under this key, as this blob shows."""

    text: bytes
    key: SectorKey
    is_batch: bool
    blob: bytes


def make_sector_key(vkey: Vkey) -> SectorKey:
    """Make a sector's key from its vkey, deriving both key ids."""
    name, public = vkey.name, vkey.public
    return SectorKey(name, public, key_id(name, ED25519, public.raw), batch_key_id(name, public.raw))


def make_sector_signer(signer: Signer) -> SectorSigner:
    """Make a sector's signer from its note signer; raises Malformed for a key of another algorithm than 0x01."""
    if signer.vkey.algorithm != ED25519:
        raise Malformed("a sector signs with a plain Ed25519 key")
    return SectorSigner(make_sector_key(signer.vkey), signer.private)


def batch_key_id(name: str, raw: bytes) -> bytes:
    """Derive the key id of batch signatures under a sector's 0x01 key of these 32 bytes."""
    return sha256(name.encode() + b"\n\xff" + BATCH_ALGORITHM + raw).digest()[:4]


def sign_event(signer: SectorSigner, value: bytes) -> bytes:
    """Sign one event alone; returns the signature line."""
    blob = signer.private.sign(value + b"\n")
    return format_line(EventLine(signer.key.name, signer.key.plain_id, blob))


def sign_batch(signer: SectorSigner, values: Sequence[bytes]) -> list[bytes]:
    """Sign 1 to 64 consecutive events of one partition with one signature; returns their lines, in order."""
    if not 0 < len(values) <= MAX_BATCH:
        raise Malformed("a batch has 1 to 64 events")
    levels = _grow([_leaf(value + b"\n") for value in values])
    signature = signer.private.sign(_batch_message(signer.key.name, len(values), levels[-1][0]))
    blobs = _expected_blobs(levels, signature)
    return [format_line(EventLine(signer.key.name, signer.key.batch_id, blob)) for blob in blobs]


class SignatureVerifier:
    """Judges signatures of sectors and remembers the last `remembered` of batches: by key, count, root and bytes."""

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        """Start with an empty memory."""
        self._remembered = remembered
        self._verdicts: OrderedDict[tuple[bytes, bytes, bytes], bool] = OrderedDict()

    def verify(self, claim: Claim) -> Claim:
        """Return the claim if its signature holds; raises VerificationFailed."""
        if not self._is_valid(claim):
            raise VerificationFailed("the signature of the sector does not hold")
        return claim

    def judge(self, claims: Sequence[Claim]) -> list[bool]:
        """Answer for each of many claims what `verify` would; batches that stand together are rebuilt as a whole."""
        verdicts: list[bool] = []
        while len(verdicts) < len(claims):
            start = len(verdicts)
            size = _run_length(claims, start)
            run = claims[start : start + size]
            if size > 1 and self._is_whole_batch(run):
                verdicts += [True] * size
            else:
                verdicts += map(self._is_valid, run)
        return verdicts

    def _is_whole_batch(self, run: Sequence[Claim]) -> bool:
        """Answer whether these claims are exactly one validly signed batch, every path of it right."""
        levels = _grow([_leaf(claim.text) for claim in run])
        signature = run[0].blob[-SIGNATURE_BYTES:]
        if [claim.blob for claim in run] != _expected_blobs(levels, signature):
            return False
        return self._holds(run[0].key, _batch_message(run[0].key.name, len(run), levels[-1][0]), signature)

    def _is_valid(self, claim: Claim) -> bool:
        if not claim.is_batch:
            return len(claim.blob) == SIGNATURE_BYTES and _is_signed(claim.key, claim.text, claim.blob)
        root = _root_of(claim)
        if root is None:
            return False
        count = int.from_bytes(claim.blob[2:4], "big")
        message = _batch_message(claim.key.name, count, root)
        return self._holds(claim.key, message, claim.blob[-SIGNATURE_BYTES:])

    def _holds(self, key: SectorKey, message: bytes, signature: bytes) -> bool:
        """Answer for a batch, from memory or by checking; remembered under the key itself, never its 32-bit id."""
        memory = (key.public.raw, message, signature)
        verdict = self._verdicts.get(memory)
        if verdict is None:
            verdict = self._verdicts[memory] = _is_signed(key, message, signature)
            if len(self._verdicts) > self._remembered:
                self._verdicts.popitem(last=False)
        return verdict


def _is_signed(key: SectorKey, message: bytes, signature: bytes) -> bool:
    try:
        key.public.check(signature, message)
    except VerificationFailed:
        return False
    return True


def _leaf(text: bytes) -> bytes:
    return sha256(b"\0" + text).digest()  # RFC 6962, section 2.1


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def _batch_message(name: str, count: int, root: bytes) -> bytes:
    return f"{name}/batch\n{count}\n{format_base64(root)}\n".encode()


def _grow(leaves: list[bytes]) -> list[list[bytes]]:
    """Hash leaves up to the root, level by level; the odd last node of a level goes up as it is (RFC 6962's tree)."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        level = [sha256(b"\1" + left + right).digest() for left, right in zip(below[::2], below[1::2], strict=False)]
        if len(below) % 2:
            level.append(below[-1])
        levels.append(level)
    return levels


def _expected_blobs(levels: list[list[bytes]], signature: bytes) -> list[bytes]:
    """Compute what each event of a batch carries after the key id; paths are built from the root down."""
    paths = [signature]
    for nodes, _above in reversed(list(pairwise(levels))):
        last = len(nodes) - 1
        paths = [
            paths[place >> 1] if place == last and not place & 1 else nodes[place ^ 1] + paths[place >> 1]
            for place in range(len(nodes))
        ]
    count = len(paths).to_bytes(2, "big")
    return [place.to_bytes(2, "big") + count + path for place, path in enumerate(paths)]


def _run_length(claims: Sequence[Claim], start: int) -> int:
    """Count the claims from `start` that may be one batch: same key, indices 0, 1 … count − 1; else 1."""
    first = claims[start]
    header = first.blob[:_HEADER_BYTES]
    count = int.from_bytes(header[2:], "big")
    if not first.is_batch or header[:2] != b"\0\0" or not 1 < count <= min(MAX_BATCH, len(claims) - start):
        return 1
    last = claims[start + count - 1]
    expected = (count - 1).to_bytes(2, "big") + header[2:]
    is_batch = last.blob[:_HEADER_BYTES] == expected and all(
        claim.key is first.key and claim.is_batch for claim in claims[start : start + count]
    )
    return count if is_batch else 1


def _root_of(claim: Claim) -> bytes | None:
    """Compute the root that one event's path leads to; None where the blob's lengths do not fit index and count."""
    blob = claim.blob
    index, count = int.from_bytes(blob[:2], "big"), int.from_bytes(blob[2:4], "big")
    path = blob[_HEADER_BYTES:-SIGNATURE_BYTES]
    if not index < count <= MAX_BATCH or len(blob) < _HEADER_BYTES + SIGNATURE_BYTES or len(path) % _HASH_BYTES:
        return None
    nodes = [path[at : at + _HASH_BYTES] for at in range(0, len(path), _HASH_BYTES)]
    node, last, used = _leaf(claim.text), count - 1, 0
    while last:
        if index & 1 or index < last:
            if used == len(nodes):
                return None
            node = _node(nodes[used], node) if index & 1 else _node(node, nodes[used])
            used += 1
        index, last = index >> 1, last >> 1
    return node if used == len(nodes) else None
