"""By which contents a row is known: each is a keyed digest of the row's bytes, and the mapping that read them.

A key may stand in one export several times. All contents that one run met are kept, so that the same export again says
nothing new in any order of its rows; and those of the run before, as long as the present one may still come to them.
"""

from __future__ import annotations

from typing import NamedTuple

from litopys.postgres.sector_import_rows import KnownRow

DIGEST_BYTES = 32
_MAPPING_BYTES = 4
_BYTES = DIGEST_BYTES + _MAPPING_BYTES


class Content(NamedTuple):
    """What a row holds, as it is compared: a digest of 32 bytes, and the mapping version of its importer."""

    digest: bytes
    mapping_version: int

    def encoded(self) -> bytes:
        """Return the 36 bytes under which it is kept."""
        return self.digest + self.mapping_version.to_bytes(_MAPPING_BYTES, "big")


class Reading(NamedTuple):
    """One run's reading of rows: what it has seen itself counts beside what the run before it saw."""

    run: str
    mapping_version: int

    def is_known(self, row: KnownRow | None, digest: bytes) -> bool:
        """Tell whether a row was imported with this content, by this mapping."""
        return row is not None and Content(digest, self.mapping_version) in self._met(row)

    def has_met(self, row: KnownRow | None, digest: bytes) -> bool:
        """Tell whether a row was imported with this content, by whatever mapping."""
        return row is not None and digest in {content.digest for content in self._met(row)}

    def is_latest(self, row: KnownRow | None, digest: bytes) -> bool:
        """Tell whether this content is the newest with which a row was imported, by whatever mapping."""
        return row is not None and split(row.seen)[-1][:DIGEST_BYTES] == digest

    def met(self, row: KnownRow | None, subject: str, digest: bytes) -> KnownRow:
        """Return what is remembered of a row once this run has met it with a content."""
        content = Content(digest, self.mapping_version).encoded()
        if row is None:
            return KnownRow(subject, self.run, content, b"")
        if row.run != self.run:
            return KnownRow(subject, self.run, content, row.seen)
        seen = row.seen if content in split(row.seen) else row.seen + content
        return KnownRow(subject, self.run, seen, row.before)

    def refused(self, row: KnownRow) -> KnownRow:
        """Return what is remembered of a row that is still there, with a content that was refused."""
        return row if row.run == self.run else KnownRow(row.subject, self.run, row.seen, b"")

    def _met(self, row: KnownRow) -> list[Content]:
        contents = split(row.seen) + (split(row.before) if row.run == self.run else [])
        return [Content(content[:DIGEST_BYTES], int.from_bytes(content[DIGEST_BYTES:], "big")) for content in contents]


def split(contents: bytes) -> list[bytes]:
    """Take contents apart as they are kept, 36 bytes each."""
    return [contents[at : at + _BYTES] for at in range(0, len(contents), _BYTES)]
