"""A register moved in bulk: resumed at any row, nothing twice, every refused row in the report."""

import asyncio
import json
import stat
from contextlib import asynccontextmanager

import pytest

from litopys.event.cloudevents import parse_event
from litopys.postgres.sector_imports import RunMoved
from litopys.postgres.sector_reading import list_streams, load_history, load_stream
from litopys.service import import_frame, importing
from litopys.service.importing import Importing, ImportRequest
from tests.support.toy_sector.sector import BOXES, TOY

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(importing, "BATCH_ROWS", 10)
    monkeypatch.setattr(import_frame, "_OPENING_S", 0.2)


def rows(count: int, label: str = "shoes") -> bytes:
    return b"".join(json.dumps({"key": f"k{n:05}", "label": label}).encode() + b"\n" for n in range(count))


def write(tmp_path, data: bytes, name: str = "boxes.jsonl"):
    path = tmp_path / name
    path.write_bytes(data)
    return path


def importer_of(toy, path, seen=None, approver="o:2") -> Importing:
    request = ImportRequest(
        importer=BOXES,
        path=path,
        actor="importer:1",
        approver=approver,
        authority="a ministry",
        basis="order 1",
        as_of="2026-11-01",
        report=path.with_suffix(".report"),
    )
    on_progress = (lambda _progress: None) if seen is None else seen.append
    return Importing(TOY, writer=toy.world.writer, pool=toy.world.pool, request=request, on_progress=on_progress)


async def test_all_rows_become_final_and_the_import_is_closed_by_two(toy, tmp_path):
    seen = []
    async with toy.life():
        done = await asyncio.wait_for(importer_of(toy, write(tmp_path, rows(95)), seen).run(), 60)
    assert done.counts._asdict() == {"read": 95, "admitted": 95, "merged": 0, "refused": 0, "events": 95, "flagged": 0}
    assert done.rejected == []
    assert toy.ledger.reasons == []
    history = await load_history(toy.world.pool, f"toy_import:{done.import_id}")
    events = [parse_event(e.value) for e in history]
    assert [(e.name, e.actor) for e in events] == [
        ("opened", "importer:1"),
        ("proposed", "importer:1"),
        ("approved", "o:2"),
        ("closed", "o:2"),
    ]
    assert [p.counts.read for p in seen if p.phase == "reading"] == [*range(10, 91, 10), 95]
    assert {p.total for p in seen} == {95}
    (box,) = await load_history(toy.world.pool, "box:k00012")
    assert parse_event(box.value).data["imported"] == {"id": done.import_id, "record": 13, "offset": 12 * 36}


async def test_without_a_second_person_the_closing_stays_proposed(toy, tmp_path):
    async with toy.life():
        done = await asyncio.wait_for(importer_of(toy, write(tmp_path, rows(1)), approver=None).run(), 60)
    assert (await load_stream(toy.world.pool, f"toy_import:{done.import_id}")).version == 2


async def test_refused_rows_stand_in_the_report_which_only_its_owner_reads(toy, tmp_path):
    data = rows(3) + b"not json\n" + b'{"key": "!", "label": "x"}\n' + b'{"key": "k9", "label": ""}\n' + rows(1)
    path = write(tmp_path, data)
    async with toy.life():
        done = await asyncio.wait_for(importer_of(toy, path).run(), 60)
    assert done.counts[:4] == (7, 3, 1, 3)
    report = path.with_suffix(".report")
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    lines = [line.split("\t") for line in report.read_text().splitlines()]
    assert [(line[0], line[2]) for line in lines] == [
        ("line", "done"),
        ("4", "refused"),
        ("5", "refused"),
        ("6", "refused"),
    ]


async def test_the_same_content_again_changes_nothing_and_new_content_is_a_change(toy, tmp_path):
    async with toy.life():
        await asyncio.wait_for(importer_of(toy, write(tmp_path, rows(5))).run(), 60)
        again = await asyncio.wait_for(importer_of(toy, write(tmp_path, rows(5))).run(), 60)
        assert again.counts[:4] == (5, 0, 5, 0)
        path = write(tmp_path, rows(4, label="hats"), "newer.jsonl")
        newer = await asyncio.wait_for(importer_of(toy, path).run(), 60)
    assert newer.counts[:4] == (4, 4, 0, 0)
    assert "left as it is: k00004" in path.with_suffix(".report").read_text()
    assert len(await load_history(toy.world.pool, "box:k00001")) == 2


class Killed(BaseException):
    """As good as kill -9 for whatever this process holds in memory."""


# 1: the run and its stream; 2 to 5: batches; 6: all is read; 7 to 9: the closing events.
@pytest.mark.parametrize("nth", range(1, 10))
@pytest.mark.parametrize("is_committed", [False, True])
async def test_killed_at_any_durable_step_the_next_run_goes_on_there(toy, tmp_path, monkeypatch, nth, is_committed):
    path = write(tmp_path, rows(35))
    begun = []

    @asynccontextmanager
    async def deadly(pool):
        begun.append(pool)
        async with pool.acquire() as connection, connection.transaction():
            yield connection
            if len(begun) == nth and not is_committed:
                raise Killed
        if len(begun) == nth:
            raise Killed

    async with toy.life():
        with monkeypatch.context() as patched:
            patched.setattr(importing, "transaction", deadly)
            patched.setattr(import_frame, "transaction", deadly)
            with pytest.raises(Killed):
                await importer_of(toy, path).run()
        done = await asyncio.wait_for(importer_of(toy, path).run(), 60)
        boxes = await list_streams(toy.world.pool, "box", after="", limit=100)
    assert len(boxes) == 35
    assert {box.version for box in boxes} == {1}
    assert done.counts[:4] == (35, 35, 0, 0)
    assert (await load_stream(toy.world.pool, f"toy_import:{done.import_id}")).version == 4
    assert await toy.world.pool.fetchval("select count(*) from import_run") == 1
    assert toy.ledger.reasons == []


async def test_two_processes_cannot_import_the_same_file_at_once(toy, tmp_path):
    path = write(tmp_path, rows(200))
    async with toy.life():
        results = await asyncio.wait_for(
            asyncio.gather(importer_of(toy, path).run(), importer_of(toy, path).run(), return_exceptions=True), 120
        )
    assert not all(isinstance(r, Exception) for r in results)
    assert all(isinstance(r, RunMoved) for r in results if isinstance(r, Exception))
    boxes = await list_streams(toy.world.pool, "box", after="", limit=1_000)
    assert [box.version for box in boxes] == [1] * 200
