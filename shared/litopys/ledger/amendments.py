"""The text of an amendment: what changes in a network from a stated height on (docs/spec/amendments.md).

An amendment is a signed note by a quorum of the validators; here is its text, `ledger.amending` says which one holds.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Final, NamedTuple

from litopys.errors import Malformed
from litopys.ledger.words import (
    NAME_PATTERN,
    ORIGIN_PATTERN,
    check_decimal,
    format_hash,
    parse_ascii_lines,
    parse_decimal,
    parse_hash,
)

AMENDMENT_HEADER: Final = "litopys.amendment.v1"
MAX_AMENDMENT_BYTES: Final = 65_000

_HASH_BYTES: Final = 32
_NAME: Final = re.compile(NAME_PATTERN)
_ORIGIN: Final = re.compile(ORIGIN_PATTERN)


class RulesChange(NamedTuple):
    """A sector and the version of its rules that comes into force."""

    sector: str
    version: int


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a quorum signs: it holds from height `first` on, `previous` names what it amends.

    `previous` is the hash of the amendment before, for the first one that of the network file.
    """

    origin: str
    first: int
    previous: bytes
    rules: tuple[RulesChange, ...]

    @property
    def hash(self) -> bytes:
        """SHA-256 of the text: what blocks name, and the `previous` of the next amendment."""
        return sha256(format_amendment(self)).digest()

    def version(self, sector: str) -> int | None:
        """Return the version of a sector's rules that this brings, None where it leaves them alone."""
        return next((change.version for change in self.rules if change.sector == sector), None)


def parse_amendment(text: bytes) -> Amendment:
    """Parse the text of an amendment; raises Malformed for whatever any network would refuse."""
    if len(text) > MAX_AMENDMENT_BYTES:
        raise Malformed("an amendment of more than 65,000 bytes")
    lines = parse_ascii_lines(text)
    if len(lines) < 5 or lines[0] != AMENDMENT_HEADER:
        raise Malformed("not an amendment")
    amendment = Amendment(
        origin=lines[1],
        first=parse_decimal(_after("from ", lines[2])),
        previous=parse_hash(_after("previous ", lines[3])),
        rules=tuple(_parse_change(line) for line in lines[4:]),
    )
    _check_amendment(amendment)
    return amendment


def format_amendment(amendment: Amendment) -> bytes:
    """Format the text of an amendment; raises Malformed where it breaks a limit or an order."""
    _check_amendment(amendment)
    lines = [
        AMENDMENT_HEADER,
        amendment.origin,
        f"from {amendment.first}",
        f"previous {format_hash(amendment.previous)}",
        *(f"rules {change.sector} {change.version}" for change in amendment.rules),
    ]
    text = "".join(f"{line}\n" for line in lines).encode("ascii")
    if len(text) > MAX_AMENDMENT_BYTES:
        raise Malformed("an amendment of more than 65,000 bytes")
    return text


def _after(prefix: str, line: str) -> str:
    if not line.startswith(prefix):
        raise Malformed(f"a line that should begin with {prefix!r}")
    return line[len(prefix) :]


def _parse_change(line: str) -> RulesChange:
    match line.split(" "):
        case ["rules", sector, version]:
            return RulesChange(sector, parse_decimal(version))
        case _:
            raise Malformed("not a change of rules")


def _check_amendment(amendment: Amendment) -> None:
    if not _ORIGIN.fullmatch(amendment.origin):
        raise Malformed("not an origin")
    if check_decimal(amendment.first) < 1:
        raise Malformed("an amendment is in force from height 1 at the earliest")
    if len(amendment.previous) != _HASH_BYTES:
        raise Malformed("previous is not a SHA-256")
    if not amendment.rules:
        raise Malformed("an amendment without a change")
    for change in amendment.rules:
        if not _NAME.fullmatch(change.sector) or check_decimal(change.version) < 2:
            raise Malformed("a change names a sector, and a version after the first")
    if any(before.sector >= after.sector for before, after in pairwise(amendment.rules)):
        raise Malformed("changes out of order, or a sector twice")
