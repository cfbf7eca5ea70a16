"""A register moved in bulk: resumed at any row, nothing twice, every refused row in the report."""

import asyncio
import json
import stat
from dataclasses import replace

import pytest

from litopys.errors import Malformed
from litopys.event.cloudevents import parse_event
from litopys.exports.rows import Row
from litopys.ledger.rejections import Reason
from litopys.postgres.sector_imports import RegisterTaken
from litopys.postgres.sector_reading import list_streams, load_history, load_stream
from litopys.service.imports import importing
from litopys.service.imports.importing import Importing
from litopys.service.imports.request import ImportRefused
from tests.support.cutting import Killed
from tests.support.importing import imported, importer_of, make_batches_small, rows, write
from tests.support.toy_sector.packings import PACKINGS
from tests.support.toy_sector.sector import BOXES, TOY

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    make_batches_small(monkeypatch)


async def test_all_rows_become_final_and_the_import_is_closed_by_two(toy, tmp_path):
    seen = []
    async with toy.life():
        done = await asyncio.wait_for(importer_of(toy, write(tmp_path, rows(95)), seen).run(), 60)
    assert done.counts._asdict() == {"read": 95, "admitted": 95, "merged": 0, "refused": 0, "events": 95, "flagged": 0}
    assert (done.rejected, done.vanished, done.is_closed) == (0, 0, True)
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


async def test_an_import_that_leaves_room_reads_in_small_steps(toy, tmp_path):
    seen = []
    async with toy.life():
        await imported(toy, write(tmp_path, rows(15)), seen=seen, rows_per_s=20.0)
    reading = [p for p in seen if p.phase == "reading"]
    assert [p.counts.read for p in reading] == [5, 10, 15]
    assert reading[-1].rate < 40


async def test_without_a_second_person_the_closing_waits_for_the_same_call_with_one(toy, tmp_path):
    path = write(tmp_path, rows(1))
    async with toy.life():
        done = await imported(toy, path, approver=None)
        assert not done.is_closed
        assert (await load_stream(toy.world.pool, f"toy_import:{done.import_id}")).version == 2
        with pytest.raises(ImportRefused, match="awaits its second person"):
            await imported(toy, write(tmp_path, rows(2), "newer.jsonl"))
        closed = await imported(toy, path)
    assert closed.is_closed
    assert closed[:2] == done[:2]
    assert (await load_stream(toy.world.pool, f"toy_import:{done.import_id}")).version == 4


async def test_nobody_closes_an_import_of_their_own(toy, tmp_path):
    with pytest.raises(ImportRefused, match="another person"):
        await imported(toy, write(tmp_path, rows(1)), approver="importer:1")
    assert await toy.world.pool.fetchval("select count(*) from import_run") == 0


async def test_a_report_that_cannot_be_written_is_found_out_before_anything_is_read(toy, tmp_path):
    path = write(tmp_path, rows(1))
    for report in (tmp_path / "none" / "report.tsv", tmp_path, path):
        with pytest.raises(ImportRefused, match="report"):
            await imported(toy, path, report=report)
    assert path.read_bytes() == rows(1)
    assert await toy.world.pool.fetchval("select count(*) from import_run") == 0


async def test_refused_rows_stand_in_the_report_which_only_its_owner_reads(toy, tmp_path):
    data = rows(3) + b"not json\n" + b'{"key": "!", "label": "x"}\n' + b'{"key": "k9", "label": ""}\n' + rows(1)
    path = write(tmp_path, data)
    async with toy.life():
        done = await asyncio.wait_for(importer_of(toy, path).run(), 60)
    assert done.counts[:4] == (7, 3, 1, 3)
    report = path.with_suffix(".report")
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    lines = [line.split("\t") for line in report.read_text().splitlines()]
    assert [line[:3] + line[4:] for line in lines] == [
        ["line", "offset", "key", "done"],
        ["4", "108", "", "refused"],
        ["5", "117", "", "refused"],
        ["6", "144", "k9", "refused"],
    ]


async def test_the_same_content_again_changes_nothing_and_new_content_is_a_change(toy, tmp_path):
    async with toy.life():
        await asyncio.wait_for(importer_of(toy, write(tmp_path, rows(5))).run(), 60)
        again = await asyncio.wait_for(importer_of(toy, write(tmp_path, rows(5))).run(), 60)
        assert again.counts[:4] == (5, 0, 5, 0)
        path = write(tmp_path, rows(4, label="hats"), "newer.jsonl")
        newer = await asyncio.wait_for(importer_of(toy, path).run(), 60)
    assert newer.counts[:4] == (4, 4, 0, 0)
    assert newer.vanished == 1
    assert path.with_suffix(".report").read_text().splitlines()[1:] == [
        "0\t0\tk00004\tnot in this export any more\tleft as it is: box:k00004"
    ]
    assert len(await load_history(toy.world.pool, "box:k00001")) == 2


async def test_two_processes_cannot_import_a_register_at_once(toy, tmp_path):
    path = write(tmp_path, rows(200))
    async with toy.life():
        results = await asyncio.wait_for(
            asyncio.gather(importer_of(toy, path).run(), importer_of(toy, path).run(), return_exceptions=True), 120
        )
    (refused,) = [r for r in results if isinstance(r, Exception)]
    assert isinstance(refused, RegisterTaken)
    assert "toy-boxes" in refused.detail
    boxes = await list_streams(toy.world.pool, "box", after="", limit=1_000)
    assert [box.version for box in boxes] == [1] * 200


async def test_a_row_moved_by_somebody_else_ends_the_import(toy, tmp_path, monkeypatch):
    path = write(tmp_path, rows(30))
    real = importing.append

    async def meddled(connection, changes):
        await toy.world.pool.execute("update import_run set next_number = 15")
        return await real(connection, changes)

    async with toy.life():
        with monkeypatch.context() as patched, pytest.raises(RegisterTaken):
            patched.setattr(importing, "append", meddled)
            await imported(toy, path)
    assert await list_streams(toy.world.pool, "box", after="", limit=10) == []


def packing(number: int, *boxes: tuple[str, int]) -> bytes:
    said = {"id": f"p{number}", "boxes": [{"label": label, "holds": holds} for label, holds in boxes]}
    return json.dumps(said).encode() + b"\n"


async def contents(toy) -> dict[str, int]:
    boxes = await list_streams(toy.world.pool, "box", after="", limit=100)
    states = [toy.world.writer.decode(box.subject, version=box.version, state=box.state).state for box in boxes]
    return {state.label: state.content for state in states}


async def test_streams_with_random_ids_are_found_again_by_key_and_by_term(toy, tmp_path):
    async with toy.life():
        path = write(tmp_path, packing(1, ("hats", 2), ("gloves", 3)) + packing(2, ("hats", 4)), "a.packings")
        first = await imported(toy, path, importer=PACKINGS)
        assert first.counts[:3] == (2, 2, 0)
        assert await contents(toy) == {"hats": 4, "gloves": 3}
        again = await imported(toy, path, importer=PACKINGS)
        assert again.counts[:3] == (2, 0, 2)
        newer = packing(1, ("hats", 4), ("gloves", 5)) + packing(3, ("gloves", 101))
        third = await imported(toy, write(tmp_path, newer, "b.packings"), importer=PACKINGS)
    assert third.counts == (2, 2, 0, 0, 2, 1)
    assert third.vanished == 1
    assert await contents(toy) == {"hats": 4, "gloves": 101}
    lines = [line.split("\t") for line in (tmp_path / "b.report").read_text().splitlines()[1:]]
    assert [line[2:] for line in lines if line[0] == "2"] == [["p3/0", "a heavy box", "admitted, flagged"]]
    assert [line[2:4] for line in lines if line[0] == "0"] == [["p2/0", "not in this export any more"]]


async def test_what_vanished_is_told_once_and_only_of_an_export_read_to_its_end(toy, tmp_path):
    cutting = replace(BOXES, rows=cut_rows)
    async with toy.life():
        await imported(toy, write(tmp_path, rows(5)))
        path = write(tmp_path, rows(3), "cut.jsonl")
        cut = await imported(toy, path, importer=cutting)
        assert cut.vanished is None
        assert cut.counts[:4] == (4, 0, 3, 1)
        assert "nothing is called vanished" in path.with_suffix(".report").read_text()
        whole = await imported(toy, write(tmp_path, rows(3) + b"\n", "whole.jsonl"))
        assert whole.vanished == 2
        later = await imported(toy, write(tmp_path, rows(3) + b"\n\n", "later.jsonl"))
        assert later.vanished == 0
        back = await imported(toy, write(tmp_path, rows(5), "back.jsonl"))
        assert (back.counts.merged, back.vanished) == (5, 0)
        gone = await imported(toy, write(tmp_path, rows(4), "gone.jsonl"))
    assert gone.vanished == 1


async def test_what_one_part_lacks_is_not_missed_in_another(toy, tmp_path):
    whole = rows(5)
    first = b"".join(whole.splitlines(keepends=True)[:2])
    async with toy.life():
        north = await imported(toy, write(tmp_path, first, "north.jsonl"), part="north", as_of="2026-11-02")
        south = await imported(toy, write(tmp_path, whole[len(first) :], "south.jsonl"), part="south")
        assert (north.vanished, south.vanished) == (0, 0)
        fewer = await imported(toy, write(tmp_path, first[: len(first) // 2], "fewer.jsonl"), part="north", older=True)
        assert (fewer.counts.merged, fewer.vanished) == (1, 1)
        everything = await imported(toy, write(tmp_path, first, "all.jsonl"), older=True)
    assert everything.vanished == 3, "without a part, a file speaks for the whole register"


def cut_rows(file, *, number, offset):
    last = (number, offset)
    for row in BOXES.rows(file, number=number, offset=offset):
        last = (row.number + 1, row.end)
        yield row
    yield Row(*last, last[1] + 1, b"", refusal="the file ends too early", is_cut=True)


async def test_a_refused_row_has_not_vanished(toy, tmp_path):
    async with toy.life():
        await imported(toy, write(tmp_path, packing(1, ("hats", 2)) + packing(2, ("caps", 1)), "a.packings"),
                       importer=PACKINGS)  # fmt: skip
        wrong = packing(1, ("hats", -1)) + packing(2, ("caps", 1))
        done = await imported(toy, write(tmp_path, wrong, "b.packings"), importer=PACKINGS)
    assert (done.counts[:4], done.vanished) == ((2, 0, 1, 1), 0)


async def test_a_newer_mapping_admits_only_what_it_reads_otherwise(toy, tmp_path):
    def tens(row, target, state, **given):
        boxes = [{**box, "holds": -(-box["holds"] // 10) * 10} for box in row.value["boxes"]]
        return PACKINGS.decide(row._replace(value={**row.value, "boxes": boxes}), target, state, **given)

    newer = replace(PACKINGS, mapping_version=2, decide=tens)
    path = write(tmp_path, packing(1, ("hats", 12)) + packing(2, ("caps", 30)), "a.packings")
    async with toy.life():
        await imported(toy, path, importer=PACKINGS)
        done = await imported(toy, path, importer=newer)
        assert done.counts == (2, 1, 1, 0, 1, 1)
        assert "another mapping" in path.with_suffix(".report").read_text()
        again = await imported(toy, path, importer=newer)
    assert again.counts[:3] == (2, 0, 2)
    assert await contents(toy) == {"hats": 20, "caps": 30}


async def test_another_file_waits_for_an_unfinished_import_or_ends_it(toy, tmp_path, monkeypatch):
    path, other = write(tmp_path, rows(35)), write(tmp_path, rows(40), "other.jsonl")
    real, written = importing.append, []

    async def once(connection, changes):
        written.append(changes)
        if len(written) > 1:
            raise Killed
        return await real(connection, changes)

    async with toy.life():
        with monkeypatch.context() as patched:
            patched.setattr(importing, "append", once)
            with pytest.raises(Killed):
                await imported(toy, path)
        with pytest.raises(ImportRefused, match="stopped before row 11"):
            await imported(toy, other)
        done = await imported(toy, other, abandon=True)
        left = await toy.world.pool.fetchval("select id from import_run order by opened_at limit 1")
        history = await load_history(toy.world.pool, f"toy_import:{left}")
    assert done.counts[:3] == (40, 30, 10)
    assert parse_event(history[-1].value).data == {"read": 10, "admitted": 10, "merged": 0, "refused": 0}
    assert done.vanished == 0


async def test_an_export_of_an_earlier_day_is_refused(toy, tmp_path):
    older = write(tmp_path, rows(3, label="hats"), "older.jsonl")
    async with toy.life():
        await imported(toy, write(tmp_path, rows(3)), as_of="2026-11-01")
        with pytest.raises(ImportRefused, match="2026-11-01"):
            await imported(toy, older, as_of="2026-10")
        done = await imported(toy, older, as_of="2026-10", older=True)
    assert done.counts.admitted == 3


async def test_what_is_no_export_leaves_nothing_behind(toy, tmp_path):
    def unreadable(file, *, number, offset):
        raise Malformed("no export")
        yield

    with pytest.raises(Malformed, match="no export"):
        await imported(toy, write(tmp_path, b"?"), importer=replace(BOXES, rows=unreadable))
    assert await toy.world.pool.fetchval("select count(*) from stream") == 0


async def test_a_file_that_changes_while_it_is_read_is_not_read_to_its_end(toy, tmp_path):
    path = write(tmp_path, rows(25))

    def growing(progress):
        with path.open("ab") as file:
            file.write(b" ")

    async with toy.life():
        request = importer_of(toy, path)._request
        importer = Importing(TOY, writer=toy.world.writer, pool=toy.world.pool, request=request, on_progress=growing)
        with pytest.raises(Malformed, match="was changed"):
            await asyncio.wait_for(importer.run(), 60)
    assert await toy.world.pool.fetchval("select read_at from import_run") is None


async def test_rejected_events_stand_in_the_report_with_the_row_that_they_came_from(toy, tmp_path):
    path = write(tmp_path, rows(5))
    toy.ledger.fault = lambda record: Reason.RULE if b"box:k00003" in record.value else None
    async with toy.life():
        done = await imported(toy, path)
    assert done.rejected == 1
    (line,) = [line.split("\t") for line in path.with_suffix(".report").read_text().splitlines()[1:]]
    assert line == ["4", "108", "k00003", "rule", "rejected by the ledger: box:k00003@1"]
