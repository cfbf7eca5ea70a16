"""Releasing disclosures: open ones to all, closed ones only after the access is on the record (I11)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from litopys.postgres.pool import failures, transaction
from litopys.postgres.sector_append import append
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_reading import load_disclosures, load_stream
from litopys.service.problems import Forbidden, NotFound
from litopys.service.writing import Stream

if TYPE_CHECKING:
    from litopys.postgres.pool import Pool
    from litopys.postgres.sector_reading import StoredDisclosure
    from litopys.service.sector import Frame
    from litopys.service.tokens import Caller
    from litopys.service.writing import Writer

SCOPE = "disclose"


@dataclass(frozen=True, slots=True)
class Access:
    """Releases disclosures of one sector. `check_open` raises Unavailable while nothing can be recorded."""

    pool: Pool
    writer: Writer
    frame: Frame
    check_open: Callable[[], Awaitable[None]]

    async def open_fields(self, subject: str) -> list[StoredDisclosure]:
        """Return what the law publishes of an object. Raises NotFound."""
        _, disclosures = await self._load(subject)
        return [one for one in disclosures if one.is_open]

    async def release(
        self, subject: str, *, caller: Caller, office: str, why: str, fields: Sequence[str]
    ) -> tuple[Address, list[StoredDisclosure]]:
        """Record the access, and when that is committed, return the fields asked for and the event's address.

        Raises Forbidden, NotFound; Unavailable or Conflict where it cannot be recorded: then nothing is released.
        """
        if SCOPE not in caller.scopes:
            raise Forbidden(f"the token does not grant {SCOPE}")
        await self.check_open()
        version, disclosures = await self._load(subject)
        sealing = self.writer.sealing()
        asked = {
            "who": caller.actor,
            "office": office,
            "why": why,
            "fields": sorted(set(fields)),
            "subject": subject,
            "version": version,
        }
        decided = self.frame.access_recorded(asked, sealing)
        stream = Stream(f"{self.writer.sector}_access:{sealing.new_id()}", 0, None)
        change, _ = self.writer.change(stream, [decided], actor=caller.actor, sealing=sealing)
        async with transaction(self.pool) as connection:
            await append(connection, [change])
        return Address(stream.subject, 1), [one for one in disclosures if one.name in fields]

    async def _load(self, subject: str) -> tuple[int, list[StoredDisclosure]]:
        with failures():
            stored = await load_stream(self.pool, subject)
            if stored is None:
                raise NotFound("there is no such object")
            return stored.version, await load_disclosures(self.pool, subject, up_to=stored.version)
