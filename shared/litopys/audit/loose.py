"""Going through a ledger of which only the policy is known: what holds without keys and partitions of the sectors."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from litopys.audit.records import Place, Signed, check_digests, rebuild_records
from litopys.errors import Malformed, VerificationFailed
from litopys.event.cloudevents import format_source, parse_event
from litopys.event.entries import parse_entry
from litopys.ledger.blocks import parse_block
from litopys.note.notes import parse_note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litopys.ledger.blocks import Block

NOT_CHECKED = (
    "signatures of sectors and sealers, partitions, the network file behind block 0: --network gives it",
    "why records were refused, and the sectors' rules",
)


class LooseReplay:
    """Follows chain, ranges, digests, sources and stream versions; versions stand in a temporary SQLite file."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._previous: bytes | None = None
        self._ends: dict[tuple[str, int], int] = {}
        self.height = -1
        self._folder = TemporaryDirectory(prefix="litopys-audit-")
        self._database = sqlite3.connect(Path(self._folder.name) / "versions", isolation_level=None)
        self._database.execute("pragma journal_mode = off")
        self._database.execute("pragma synchronous = off")
        self._database.execute("create table stream (subject text primary key, version integer) without rowid")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._database.close()
        self._folder.cleanup()

    def step(self, note: bytes, *, bodies: Sequence[bytes], refused: Mapping[Place, Signed]) -> None:
        """Follow the next block; raises VerificationFailed."""
        try:
            block = parse_block(parse_note(note).text)
        except Malformed as error:
            raise VerificationFailed(f"the note is no block's note: {error}") from error
        self._check_chain(block)
        check_digests(block, rebuild_records(block, bodies, refused))
        self._check_versions(bodies)
        self._ends.update({(part.sector, part.partition): part.end for part in block.ranges})
        self._previous, self.height = block.hash, block.height

    def _check_chain(self, block: Block) -> None:
        if block.origin != self._origin or block.height != self.height + 1:
            raise VerificationFailed("the note is of another network or height")
        if self._previous is not None and block.previous != self._previous:
            raise VerificationFailed("the note does not name the hash of the block before it")
        if any(part.first != self._ends.get((part.sector, part.partition), 0) for part in block.ranges):
            raise VerificationFailed("the note does not go on where the ranges before it ended")

    def _check_versions(self, bodies: Sequence[bytes]) -> None:
        self._database.execute("begin")
        for body in bodies:
            try:
                event = parse_event(parse_entry(body).value)
            except Malformed as error:
                raise VerificationFailed(f"an entry is no event: {error}") from error
            if event.source != format_source(self._origin, event.sector):
                raise VerificationFailed(f"{event.subject}@{event.streamversion} is of another network or sector")
            row = self._database.execute("select version from stream where subject = ?", (event.subject,)).fetchone()
            if event.streamversion != (row[0] if row else 0) + 1:
                raise VerificationFailed(f"{event.subject}@{event.streamversion} is not the next of its stream")
            values = (event.subject, event.streamversion)
            self._database.execute("insert or replace into stream values (?, ?)", values)
        self._database.execute("commit")
