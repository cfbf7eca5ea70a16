"""Why a record was refused, and the list of a block's refused records (docs/spec/blocks-and-admission.md)."""

import re
from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise
from typing import Final, NamedTuple

from litopys.errors import Malformed
from litopys.ledger.words import NAME_PATTERN, check_decimal, parse_ascii_lines, parse_decimal

_NAME: Final = re.compile(NAME_PATTERN)


class Reason(StrEnum):
    """The reasons of admission, in the order in which they are tried: the first that applies is given."""

    OVERSIZE = "oversize"
    MALFORMED = "malformed"
    SOURCE = "source"
    TYPE = "type"
    KEY = "key"
    SIGNATURE = "signature"
    PARTITION = "partition"
    STREAM_VERSION = "stream-version"
    CITATION = "citation"
    RULE = "rule"


class Rejection(NamedTuple):
    """One refused record: where it stands and why."""

    sector: str
    partition: int
    offset: int
    reason: Reason


def parse_rejected_list(data: bytes) -> tuple[Rejection, ...]:
    """Parse the list of a block's refused records; raises Malformed. No record at all is an empty list."""
    rejected = tuple(_parse_rejection(line) for line in parse_ascii_lines(data))
    _check_order(rejected)
    return rejected


def format_rejected_list(rejected: Sequence[Rejection]) -> bytes:
    """Format the list of a block's refused records, one line each, in the order of ranges and offsets."""
    _check_order(rejected)
    lines = []
    for sector, partition, offset, reason in rejected:
        check_decimal(partition)
        check_decimal(offset)
        if not _NAME.fullmatch(sector):
            raise Malformed("not the name of a sector")
        lines.append(f"{sector} {partition} {offset} {reason}\n")
    return "".join(lines).encode("ascii")


def rejected_digest(rejected: Sequence[Rejection]) -> bytes:
    """Digest the list as the block entry names it: SHA-256 of its bytes."""
    return sha256(format_rejected_list(rejected)).digest()


def _check_order(rejected: Sequence[Rejection]) -> None:
    """Check that places ascend: by sector, partition number and offset, as ranges and offsets of a block do."""
    if any(before[:3] >= after[:3] for before, after in pairwise(rejected)):
        raise Malformed("refused records out of order")


def _parse_rejection(line: str) -> Rejection:
    match line.split(" "):
        case [sector, partition, offset, reason] if _NAME.fullmatch(sector):
            try:
                return Rejection(sector, parse_decimal(partition), parse_decimal(offset), Reason(reason))
            except ValueError as error:
                raise Malformed("not a reason of admission") from error
        case _:
            raise Malformed("not a line of a rejected list")
