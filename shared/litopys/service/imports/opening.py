"""Where an import begins: with the run that an earlier life began over the same file, or with a new one."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from litopys.postgres import sector_imports as store
from litopys.postgres.pool import durable_step, failures
from litopys.postgres.sector_requests import keyed_digest
from litopys.service.imports.request import ImportRefused
from litopys.sourcing.moments import is_before
from litopys.steps import Step

if TYPE_CHECKING:
    from litopys.postgres.pool import Pool
    from litopys.postgres.sector_imports import Run
    from litopys.service.imports.frame import Framing
    from litopys.service.imports.request import ImportRequest
    from litopys.service.imports.source import Source


@dataclass(frozen=True, slots=True)
class Opening:
    """Finds the run of a request or begins one. `digest_key` is the store's own."""

    request: ImportRequest
    framing: Framing
    pool: Pool
    digest_key: bytes

    async def run(self, source: Source) -> Run:
        """Return the run to go on with. Raises ImportRefused where something else has to be done first, Malformed."""
        importer = self.request.importer
        digest = await asyncio.to_thread(source.digest)
        file_key = keyed_digest(self.digest_key, digest)
        with failures():
            run = await store.find_open_run(self.pool, importer.register)
        if run is not None:
            wanted = (importer.name, importer.mapping_version, file_key, self.request.part)
            if (run.importer, run.mapping_version, run.file_key, run.part) == wanted:
                return run
            await self._leave(run)
        await self._check_newer()
        # What is no export of this register at all is found out before anything is on the ledger.
        await asyncio.to_thread(source.check_readable)
        announced = await asyncio.to_thread(source.count)
        return await self._begin(digest, file_key, announced)

    async def _leave(self, run: Run) -> None:
        """End another import of the register where it stands; raises ImportRefused where nobody said so."""
        if not self.request.abandon:
            what = "awaits its second person" if run.is_read else f"stopped before row {run.next_number}"
            raise ImportRefused(
                "unfinished-import",
                f"import {run.id} of another file or mapping {what}: finish it with its own file, or end it where it "
                "stands with --abandon",
            )
        await self.framing.close(run, approver=self.request.approver)
        async with durable_step(self.pool, Step.ENDED, self.framing.passing) as connection:
            await store.close_run(connection, run)

    async def _check_newer(self) -> None:
        """Raises ImportRefused for an export whose rows would set back what a newer one has changed."""
        with failures():
            newest = await store.newest_as_of(self.pool, self.request.importer.register, self.request.part)
        if newest and is_before(self.request.as_of, newest) and not self.request.older:
            raise ImportRefused(
                "older-export",
                f"an export as of {newest} was imported already, and this one would set its changes back; "
                "--older lets it do so",
            )

    async def _begin(self, digest: bytes, file_key: bytes, announced: int | None) -> Run:
        importer, request = self.request.importer, self.request
        opening = {
            "authority": request.authority,
            "basis": request.basis,
            "as_of": request.as_of,
            "register": f"{importer.register} / {request.part}" if request.part else importer.register,
            "records": announced,
            "mapping_version": importer.mapping_version,
            "file_digest": urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "personal": importer.holds_personal_fields,
        }
        new = store.NewRun(
            id="",
            importer=importer.name,
            register=importer.register,
            mapping_version=importer.mapping_version,
            file_key=file_key,
            as_of=request.as_of,
            announced=announced,
            part=request.part,
        )
        return await self.framing.open(new, opening)
