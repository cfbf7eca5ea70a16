"""What a block that was passed over says of whoever signed it: a broken rule, two blocks, a lost race, or nothing.

An honest sealer signs a height once, on top of a block that it has read from the topic. So a block that came too late
may be the loser of a race; everything else that a listed key signed and that does not count is a lie of that key.
"""

from hashlib import sha256
from typing import NamedTuple

from litopys.errors import Malformed, VerificationFailed
from litopys.ledger.blocks import Block, parse_block
from litopys.ledger.chain import Dropped
from litopys.ledger.evidence import NOBODY, EvidenceKind, name_key
from litopys.ledger.network import Network
from litopys.note.ed25519 import PublicKey
from litopys.note.notes import Note, parse_note

_BROKEN = {
    Dropped.PREVIOUS: "does not name the block before it",
    Dropped.AMENDMENT: "does not name the amendment in force",
    Dropped.RANGE: "has a range that does not go on where its partition was sealed to",
    Dropped.DIGEST: "has another digest than that of its records",
}


class Placed(NamedTuple):
    """A block that counts: its height, its note as it arrived, and the hash of its text."""

    height: int
    note: bytes
    hash: bytes


class Beside(NamedTuple):
    """What stands beside a record that was passed over.

    `following` is the first block that counted after it was looked at, `counted` the one that counts at its own height
    (None while there is none), `previous` what it had to name as the block before it.
    """

    following: Placed
    counted: Placed | None
    previous: bytes | None


class Shown(NamedTuple):
    """What a block that was passed over shows of one signer; `second` are the bytes that contradict it, if any."""

    kind: EvidenceKind
    who: str
    detail: str
    second: bytes


def signers_of(note: Note, network: Network) -> list[str]:
    """Return the names of the keys of listed sealers, of whatever height, whose lines hold, each once."""
    keys = {(key.name, key.key_id): key for key in (sealer.key.vkey for sealer in network.sealers)}
    names = dict.fromkeys(
        line.name for line in note.lines if line.ref in keys and _holds(note, line.signature, keys[line.ref].public)
    )
    return list(names)


def height_of(raw: bytes) -> int | None:
    """Return the height that a record of the blocks topic is for; None where it is no block."""
    try:
        return parse_block(parse_note(raw).text).height
    except Malformed:
        return None


def judge_passed_over(raw: bytes, reason: Dropped, *, network: Network, beside: Beside) -> list[Shown]:
    """Tell what a record that was passed over for `reason` shows; nothing where anybody could have written it."""
    try:
        note = parse_note(raw)
    except Malformed:
        return []
    signers = signers_of(note, network)
    try:
        block = parse_block(note.text)
    except Malformed as error:
        return _broken(signers, f"signed what is no block: {error}")
    if block.origin != network.origin:
        return _broken(signers, "signed a block of another log")
    if not signers:
        return _of_unlisted(note, network)
    in_force = {(key.name, key.key_id) for key in network.sealer_keys(block.height)}
    if not any(line.ref in in_force for line in note.lines):
        return _broken(signers, f"signed a block for height {block.height}, at which it is no sealer")
    if reason is Dropped.SIGNATURE:
        return []  # a good line, spoilt by another that anybody could have added
    return _beside(note, block, signers, reason, network=network, beside=beside)


def _beside(
    note: Note, block: Block, signers: list[str], reason: Dropped, *, network: Network, beside: Beside
) -> list[Shown]:
    """Compare a signed block with those that count."""
    counted = beside.counted
    if block.height > beside.following.height:
        detail = f"signed a block for height {block.height} before there was one for {beside.following.height}"
        return _broken(signers, detail, beside.following.note)
    if counted is None or counted.hash == sha256(note.text).digest():
        return []
    shown = []
    if reason is Dropped.HEIGHT:
        reason = look_late(block, network, beside)
    if reason in _BROKEN:
        shown += _broken(signers, f"signed a block for height {block.height} that {_BROKEN[reason]}", counted.note)
    winners = signers_of(parse_note(counted.note), network)
    twice = [one for one in signers if one in winners]
    detail = f"signed two different blocks for height {block.height}"
    shown += [Shown(EvidenceKind.TWO_BLOCKS, one, detail, counted.note) for one in twice]
    if not shown:
        detail = f"signed a block for height {block.height} after the one that counts was there"
        shown = [Shown(EvidenceKind.LOST_RACE, one, detail, counted.note) for one in signers]
    return shown


def look_late(block: Block, network: Network, beside: Beside) -> Dropped:
    """Tell why a block could not have counted that came too late, HEIGHT where it could: its records are not known."""
    if beside.previous is not None and block.previous != beside.previous:
        return Dropped.PREVIOUS
    if block.amendment != network.amendment(block.height):
        return Dropped.AMENDMENT
    return Dropped.HEIGHT


def _broken(signers: list[str], detail: str, second: bytes = b"") -> list[Shown]:
    return [Shown(EvidenceKind.BROKEN_BLOCK, one, detail, second) for one in signers]


def _of_unlisted(note: Note, network: Network) -> list[Shown]:
    """Name the key of a line that the network does not list; a bad line under a listed key could be anybody's.

    So could a line with a listed key's id: then nobody is named.
    """
    listed = {(sealer.key.vkey.name, sealer.key.vkey.key_id) for sealer in network.sealers}
    if any(line.ref in listed for line in note.lines):
        return []
    line = note.lines[0]
    who = NOBODY if line.key_id in {key_id for _, key_id in listed} else name_key(line.key_id)
    return [Shown(EvidenceKind.UNLISTED_SEALER, who, f"signed a block under the name {line.name}", b"")]


def _holds(note: Note, signature: bytes, public: PublicKey) -> bool:
    try:
        public.check(signature, note.text)
    except VerificationFailed:
        return False
    return True
