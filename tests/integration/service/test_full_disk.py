"""A sector on a full disk: commands are answered with 503, an import waits, and all goes on when there is room."""

import asyncio
import json

import pytest

from litopys.errors import Unavailable
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_verdicts import State
from litopys.service.imports import importing
from litopys.service.imports.importing import Importing
from litopys.service.imports.request import ImportRequest
from tests.support.toy_http import ToyHttp
from tests.support.toy_sector.sector import BOXES, TOY
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

ROWS = 1_000
BOX = {"label": "shoes", "keeper": {"name": "Оля", "phone": "123"}}
NO_ROOM = "No space left on device"


class Watched(Importing):
    """An import that remembers what its batches were refused for."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.refused = []

    async def _write(self, *arguments):
        try:
            return await super()._write(*arguments)
        except Unavailable as error:
            self.refused.append(str(error))
            raise

    async def is_refused_again(self):
        return len(self.refused) >= 2


def import_into(toy, path, on_progress) -> Watched:
    request = ImportRequest(
        importer=BOXES,
        path=path,
        actor="importer:1",
        approver="o:2",
        authority="a ministry",
        basis="order 1",
        as_of="2026-11-01",
        report=path.with_suffix(".report"),
    )
    return Watched(TOY, writer=toy.world.writer, pool=toy.world.pool, request=request, on_progress=on_progress)


async def test_a_full_disk_holds_up_and_costs_nothing(toy_on_small_disk, tmp_path, monkeypatch):
    toy, disk = toy_on_small_disk
    monkeypatch.setattr(importing, "BATCH_ROWS", 250)
    path = tmp_path / "boxes.jsonl"
    path.write_text("".join(json.dumps({"key": f"k{n:05}", "label": "x" * 100}) + "\n" for n in range(ROWS)))
    filled = []

    def fill_once(_progress):
        if not filled:
            filled.append(disk.fill())

    importer = import_into(toy, path, fill_once)
    client = (await ToyHttp.over(toy)).as_("o:7")
    async with client.http, toy.life(), asyncio.TaskGroup() as group:
        run = group.create_task(importer.run())
        await until(importer.is_refused_again, 90)
        assert all(NO_ROOM in reason for reason in importer.refused)
        answers = [await client.post(f"boxes/b{n}/open", BOX) for n in range(20)]
        taken = [Address(f"box:b{n}", 1) for n, answer in enumerate(answers) if answer.status_code == 202]
        assert {503} <= {answer.status_code for answer in answers} <= {202, 503}, "for some there may be room left"
        assert not run.done()
        disk.free()
        done = await run
        assert {(await toy.settled(address)).state for address in taken} <= {State.FINAL}
    assert (done.counts.admitted, done.rejected, done.is_closed) == (ROWS, 0, True)
    assert toy.ledger.reasons == []
    stored = await toy.world.pool.fetchval("select count(*) from event")
    assert len(toy.ledger.admitted) == stored == ROWS + 4 + len(taken)
