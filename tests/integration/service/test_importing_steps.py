"""An import cut off and killed at every durable step: the next call with the same file comes to the same end."""

import pytest

from litopys.errors import Unavailable
from litopys.event.cloudevents import parse_event
from litopys.postgres.pool import transaction
from litopys.postgres.sector_import_rows import mark_vanished
from litopys.postgres.sector_imports import close_run, load_run, mark_read
from litopys.postgres.sector_reading import list_streams, load_history
from litopys.service.imports.request import ImportRefused
from litopys.steps import Moment, Step
from tests.support.cutting import ENDINGS, CutOff, Killed, moments, name_of
from tests.support.importing import imported, make_batches_small, rows, write

pytestmark = pytest.mark.anyio

BEFORE, NOW = 13, 12
REPORT = [["13", "552", "", "refused"], ["0", "0", "k00012", "left as it is: box:k00012"]]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    make_batches_small(monkeypatch)


@pytest.fixture
async def changed(toy, tmp_path):
    """An export of 13 boxes was imported; the next one changes twelve, misses one, and has a line that is no row."""
    async with toy.life():
        await imported(toy, write(tmp_path, rows(BEFORE)))
        yield write(tmp_path, rows(NOW, "hats and a coat") + b"not json\n", "next.jsonl")


async def in_the_end(toy, path, cut_off, **given):
    """What the import comes to when its call is given again after every end that was none."""
    while True:
        try:
            return await imported(toy, path, passing=cut_off, **given)
        except (Unavailable, Killed):
            continue


async def runs(toy):
    """The ids of the runs of the second file, in order; none is left open."""
    found = await toy.world.pool.fetch("select id, closed_at from import_run order by opened_at offset 1")
    assert all(run["closed_at"] for run in found)
    return [run["id"] for run in found]


async def check_changed(toy, path, done, *, times=1):
    """Every box changed once, the ledger refused nothing, and the report has each line once.

    `times`: how many runs it took. One whose end was durable before it was killed is over: the next finds all done.
    """
    boxes = await list_streams(toy.world.pool, "box", after="", limit=100)
    assert [box.version for box in boxes] == [2] * NOW + [1]
    assert toy.ledger.reasons == []
    assert done.counts[:4] == ((13, 12, 0, 1) if times == 1 else (13, 0, 12, 1))
    assert (done.vanished, done.rejected, done.is_closed) == (1, 0, True)
    lines = [line.split("\t") for line in path.with_suffix(".report").read_text().splitlines()[1:]]
    assert [line[:3] + line[4:] for line in lines] == REPORT
    ids = await runs(toy)
    assert len(ids) == times
    assert done.import_id == ids[-1]
    for one in ids:
        events = [parse_event(event.value).name for event in await load_history(toy.world.pool, f"toy_import:{one}")]
        assert events == ["opened", "proposed", "approved", "closed"]
    assert await toy.world.pool.fetchval("select count(*) from import_row") == BEFORE
    assert await toy.world.pool.fetchval("select array_agg(vanished_in) from import_row where vanished_in <> ''") == [
        ids[-1]
    ]


# 1: the run and its stream; 2 and 3: batches; 4 to 6: the closing events.
@ENDINGS
@pytest.mark.parametrize("nth", range(1, 7))
@pytest.mark.parametrize("moment", moments([Step.IMPORTED]), ids=name_of)
async def test_ended_twice_from_the_nth_transaction_on(toy, changed, moment, nth, error):
    cut_off = CutOff(moment, times=2, after=nth - 1, error=error)
    done = await in_the_end(toy, changed, cut_off)
    # The last event of the closing is written once: when it is there, nothing passes the step again.
    assert cut_off.left == (1 if moment.is_done and nth == 6 else 0)
    await check_changed(toy, changed, done)


@ENDINGS
@pytest.mark.parametrize("moment", moments([Step.READ_TO_END, Step.ENDED]), ids=name_of)
async def test_ended_twice_at(toy, changed, moment, error):
    is_once = moment == Moment(Step.READ_TO_END, is_done=True) and error is Killed
    cut_off = CutOff(moment, times=1 if is_once else 2, error=error)
    done = await in_the_end(toy, changed, cut_off)
    assert cut_off.left == 0
    is_over = moment == Moment(Step.ENDED, is_done=True) and error is Killed
    await check_changed(toy, changed, done, times=3 if is_over else 1)


@ENDINGS
@pytest.mark.parametrize("moment", moments([Step.ENDED]), ids=name_of)
async def test_ended_while_another_import_is_left_where_it_stands(toy, changed, tmp_path, moment, error):
    left = write(tmp_path, rows(BEFORE, "caps"), "left.jsonl")
    with pytest.raises(Killed):
        await imported(toy, left, passing=CutOff(Moment(Step.IMPORTED, is_done=True), times=1, after=1, error=Killed))
    cut_off = CutOff(moment, times=1, error=error)
    done = await in_the_end(toy, changed, cut_off, abandon=True)
    assert cut_off.left == 0
    abandoned, last = await runs(toy)
    assert done.import_id == last
    (closed,) = (await load_history(toy.world.pool, f"toy_import:{abandoned}"))[3:]
    assert parse_event(closed.value).data == {"read": 10, "admitted": 10, "merged": 0, "refused": 0}
    boxes = await list_streams(toy.world.pool, "box", after="", limit=100)
    assert [box.version for box in boxes] == [3] * 10 + [2] * 2 + [1]


async def test_what_is_said_again_of_an_import_that_is_over_changes_nothing(toy, changed):
    done = await imported(toy, changed)
    pool = toy.world.pool

    async def stored():
        return [
            await pool.fetch(f"select * from {table} order by 1, 2, 3, 4") for table in ("import_run", "import_row")
        ]

    before = await stored()
    run = await load_run(pool, done.import_id)
    for _ in range(2):
        async with transaction(pool) as connection:
            await mark_read(connection, run)
            assert await mark_vanished(connection, run) == 1
            await close_run(connection, run)
    assert await stored() == before


async def test_a_report_that_cannot_be_put_in_place_leaves_the_import_open_and_nothing_marked(toy, changed, tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()

    class Gone(list):
        def append(self, progress):
            if progress.phase == "sealing" and folder.exists():
                folder.rmdir()

    with pytest.raises(ImportRefused, match="cannot be written"):
        await imported(toy, changed, seen=Gone(), report=folder / "next.report")
    open_run = "select count(*) from import_run where closed_at is null and vanished is null and read_at is not null"
    assert await toy.world.pool.fetchval(open_run) == 1
    assert await toy.world.pool.fetchval("select count(*) from import_row where vanished_in is not null") == 0
    await check_changed(toy, changed, await imported(toy, changed))
