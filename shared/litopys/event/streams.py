"""Stream ids (the CloudEvents `subject`) and the partition in which a stream lives: docs/spec/events.md."""

import re
from hashlib import sha256
from typing import Final, NamedTuple

from litopys.errors import Malformed
from litopys.event.grammar import INTEGER_LIMIT

SUBJECT_PATTERN: Final = r"[a-z][a-z0-9_]{0,62}:[A-Za-z0-9._:/-]{1,128}"
MAX_CITATIONS: Final = 64

_SUBJECT: Final = re.compile(SUBJECT_PATTERN)
_CITATION: Final = re.compile(rf"({SUBJECT_PATTERN})@([1-9][0-9]{{0,15}})")


class Citation(NamedTuple):
    """An entry of the ledger that an event rests on, by its address."""

    subject: str
    version: int


def is_subject(text: str) -> bool:
    """Answer whether a text is a stream id, `<aggregate>:<key>`."""
    return _SUBJECT.fullmatch(text) is not None


def check_subject(text: str) -> str:
    """Return the text if it is a stream id; raises Malformed."""
    if not is_subject(text):
        raise Malformed("not a stream id")
    return text


def partition_of(subject: str, partitions: int) -> int:
    """Compute the partition of a stream: the first 8 bytes of SHA-256(subject), big-endian, modulo the partitions."""
    return int.from_bytes(sha256(subject.encode("ascii")).digest()[:8], "big") % partitions


def parse_citations(text: str) -> tuple[Citation, ...]:
    """Parse `subject@version`, 1 to 64 of them with one space between, each subject once; raises Malformed."""
    items = text.split(" ")
    if len(items) > MAX_CITATIONS:
        raise Malformed("more than 64 citations")
    citations = tuple(_parse_citation(item) for item in items)
    if len({citation.subject for citation in citations}) != len(citations):
        raise Malformed("a subject is cited twice")
    return citations


def format_citations(citations: tuple[Citation, ...]) -> str:
    """Format citations as they stand in `cites`; raises Malformed where that attribute could not hold them."""
    text = " ".join(f"{citation.subject}@{citation.version}" for citation in citations)
    parse_citations(text)
    return text


def _parse_citation(text: str) -> Citation:
    match = _CITATION.fullmatch(text)
    if match is None:
        raise Malformed("not a citation")
    version = int(match[2])
    if version >= INTEGER_LIMIT:
        raise Malformed("a cited version of 2^53 or more")
    return Citation(match[1], version)
