"""Which blocks count, worked out anew from the topics: the first record that is right for its height, and no other."""

import base64
import binascii
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from tests.support.auditor.evidence import Evidence, Partition, Record
from tests.support.auditor.signed import Key, is_signed_note, read_key, split_note


class Range(NamedTuple):
    """A range of a block: offsets `first` to `end` (excluded) of a partition."""

    place: Partition
    first: int
    end: int
    digest: bytes


class Text(NamedTuple):
    """What a block's text says."""

    height: int
    previous: bytes
    ranges: list[Range]


class Counted(NamedTuple):
    """A block that counts."""

    text: bytes
    ranges: list[Range]


def read_text(text: bytes, origin: str) -> Text | None:
    """Read a block's text; None where it is none of this network."""
    lines = text.decode(errors="replace").split("\n")
    if lines[0] != "litopys.block.v1" or lines[1] != origin or lines[-1]:
        return None
    try:
        height, previous = int(lines[2].removeprefix("height ")), _hash(lines[3].removeprefix("previous "))
        ranges = []
        for line in lines[4:-1]:
            _, sector, number, first, end, digest = line.split(" ")
            ranges.append(Range((sector, int(number)), int(first), int(end), _hash(digest)))
    except (ValueError, binascii.Error):
        return None
    return Text(height, previous, ranges)


def _hash(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def digest_of(records: list[Record]) -> bytes:
    """The digest of a range's records (docs/spec/blocks-and-admission.md)."""
    hashed = sha256()
    for record in records:
        for part in (record.signature, record.value):
            hashed.update(len(part).to_bytes(4, "big") + part)
    return hashed.digest()


class Reader:
    """The evidence with what follows from it: keys, the chain, the checkpoints with a quorum."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        network = evidence.network
        self.sealers = [read_key(one["vkey"]) for one in network["sealers"]]
        self.log = read_key(network["log"]["vkey"])
        self.validators: Mapping[str, Key] = {one["name"]: read_key(one["vkey"]) for one in network["validators"]}
        self.sectors: Mapping[str, list[Key]] = {
            one["name"]: [read_key(key["vkey"]) for key in one["keys"]] for one in network["sectors"]
        }
        self.quorum = int(network["quorum"])

    @cached_property
    def chain(self) -> list[Counted]:
        """The blocks that count, by height."""
        ends: dict[Partition, int] = dict.fromkeys(self.evidence.events, 0)
        counted: list[Counted] = []
        previous = sha256(self.evidence.network_file).digest()
        for record in self.evidence.blocks:
            text, lines = split_note(record.value)
            read = read_text(text, self.evidence.origin)
            if read is None or (read.height, read.previous) != (len(counted), previous):
                continue
            if not any(is_signed_note(key, text, line) for key in self.sealers for line in lines):
                continue
            if not read.ranges or not all(self._follows(part, ends) for part in read.ranges):
                continue
            ends |= {part.place: part.end for part in read.ranges}
            counted.append(Counted(text, read.ranges))
            previous = sha256(text).digest()
        return counted

    def _follows(self, part: Range, ends: Mapping[Partition, int]) -> bool:
        is_next = ends.get(part.place) == part.first < part.end <= len(self.evidence.events[part.place])
        return is_next and self.digest(part) == part.digest

    def digest(self, part: Range) -> bytes:
        return digest_of(self.evidence.events[part.place][part.first : part.end])
