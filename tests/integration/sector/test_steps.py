"""Durable steps of a sector over its store alone: what is cut off leaves nothing, and what is done is done once."""

from types import SimpleNamespace

import pytest

from litopys.errors import Unavailable
from litopys.event.cloudevents import parse_event
from litopys.event.streams import Citation, partition_of
from litopys.kafka.records import RawRecord
from litopys.ledger.rejections import Reason
from litopys.postgres.pool import transaction
from litopys.postgres.sector_append import append
from litopys.postgres.sector_outbox import (
    Signed,
    hold,
    load_held,
    load_positions,
    load_signed,
    store_lines,
    take_waiting,
)
from litopys.postgres.sector_reading import list_streams, load_history, load_stream
from litopys.postgres.sector_requests import Request
from litopys.postgres.sector_settling import reject_events
from litopys.service import relay
from litopys.service.citations import Citations
from litopys.service.commands import Desk
from litopys.service.own_topic import OwnTopic
from litopys.service.privacy.access import Access, Purpose
from litopys.service.problems import PreconditionFailed
from litopys.service.tokens import Caller
from litopys.service.writing import Stream
from litopys.sourcing.facts import Decided
from litopys.steps import Moment, Step, pass_on
from tests.support.cutting import ENDINGS, CutOff, Killed, moments, name_of
from tests.support.importing import importer_of, make_batches_small, rows, write
from tests.support.toy_sector import domain as toy
from tests.support.toy_sector.sector import TOY, ChangeContent, KeeperWire, OpenBox, seal_keeper
from tests.support.unsealed import Unsealed

pytestmark = pytest.mark.anyio
BOX = TOY.aggregate("box")


async def open_at_once() -> None:
    """No gate is in the way."""


def opened(*cites: Citation, keeper=None) -> Decided:
    return Decided("box_opened", 1, toy.BoxOpened("shoes", keeper, "sha-256", None), cites)


async def put(pool, writer, key, *decided, sealing=None):
    change, _ = writer.change(Stream(f"box:{key}", 0, None), decided, actor="o:1", sealing=sealing)
    async with transaction(pool) as connection:
        await append(connection, [change])
    return change


class OnePartition:
    """A follower of records that are all in one partition."""

    def __init__(self, values, first: int) -> None:
        self.records = [RawRecord("t", 0, offset, value, b"line", 0) for offset, value in enumerate(values)]
        self.positions = {("t", 0): first}

    async def read(self, _timeout_s):
        first, self.positions = self.positions["t", 0], {("t", 0): len(self.records)}
        return self.records[first:]

    async def seek(self, places):
        self.positions |= places


@ENDINGS
async def test_records_whose_taking_in_is_cut_off_are_read_again_by_the_next_life(pool, writer, error):
    """One is ours and on its way; the other is ours too, and a backup has lost it."""
    mine = await put(pool, writer, "mine", opened())
    (waiting,) = await take_waiting(pool, 10)
    async with transaction(pool) as connection:
        await store_lines(connection, [Signed(waiting.position, "box:mine", 1, 0, b"line", waiting.value)])
    lost, _ = writer.change(Stream("box:lost", 0, None), [opened()], actor="o:1")
    values = [change.events[0].value for change in (mine, lost)]
    keys = SimpleNamespace(own_event=lambda value, _line: parse_event(value))

    async def one_life(passing):
        first = (await load_positions(pool)).get(0, 0)
        follower = OnePartition(values, first)
        await OwnTopic(pool=pool, writer=writer, keys=keys, follower=follower, passing=passing).read(0)

    with pytest.raises(error):
        await one_life(CutOff(Moment(Step.READ_BACK, is_done=False), times=1, error=error))
    assert await load_positions(pool) == {}
    assert len(await load_signed(pool, after=0, limit=10)) == 1
    assert await load_stream(pool, "box:lost") is None
    await one_life(pass_on)
    assert await load_positions(pool) == {0: 2}
    assert await load_signed(pool, after=0, limit=10) == []
    assert [event.value for event in await load_history(pool, "box:lost")] == values[1:]
    assert await pool.fetchval("select count(*) from publication") == 2


def execute(desk, name, body, *, key, version=None):
    (command,) = [one for one in BOX.commands if one.name == name]
    request = None if key is None else Request("o:1", key, bytes(32))
    return desk.execute(command, body, subject="box:b1", actor="o:1", expected_version=version, request=request)


@pytest.mark.parametrize("is_killed", [False, True], ids=["cut-off", "killed"])
@pytest.mark.parametrize("moment", moments([Step.ACKNOWLEDGED]), ids=name_of)
async def test_an_answer_is_recorded_with_what_it_acknowledges(pool, writer, moment, is_killed):
    """Said again to the same process, or to the one after it, which has nothing in memory."""
    desk = Desk(pool, writer, open_at_once, passing=CutOff(moment, times=1))
    body = OpenBox(label="shoes")
    with pytest.raises(Unavailable):
        await execute(desk, "open", body, key="k")
    assert await pool.fetchval("select count(*) from idempotency") == len(await load_history(pool, "box:b1"))
    done = await execute(Desk(pool, writer, open_at_once) if is_killed else desk, "open", body, key="k")
    assert done.is_replay is moment.is_done
    assert len(await load_history(pool, "box:b1")) == 1


async def test_a_command_decided_upon_another_version_changes_nothing(pool, writer):
    desk = Desk(pool, writer, open_at_once)
    await execute(desk, "open", OpenBox(label="shoes"), key=None)
    more = ChangeContent(count=1, valid_from="2026-01-02")
    await execute(desk, "add-items", more, key=None, version=1)
    with pytest.raises(PreconditionFailed):
        await execute(desk, "add-items", more, key=None, version=1)
    assert len(await load_history(pool, "box:b1")) == 2


async def test_what_cites_an_event_refused_for_good_is_never_let_go(pool, writer):
    await put(pool, writer, "b1", opened())
    await put(pool, writer, "b2", opened(Citation("box:b1", 1)))
    _, citing = await take_waiting(pool, 10)
    async with transaction(pool) as connection:
        await hold(connection, [citing.position])
    citations = Citations(pool, SimpleNamespace())
    assert await citations.release_ready() == 0, "what it cites is pending"
    assert [held.position for held in await load_held(pool, after=0, limit=10)] == [citing.position]
    async with transaction(pool) as connection:
        await reject_events(connection, "box:b1", versions=[1], reason="rule")
    assert await citations.release_ready() == 0
    assert await take_waiting(pool, 10) == []
    assert (await load_stream(pool, "box:b2")).stopped == Reason.CITATION


@ENDINGS
@pytest.mark.parametrize("moment", moments([Step.ON_RECORD]), ids=name_of)
async def test_no_field_leaves_before_its_record_is_committed(pool, writer, moment, error):
    sealing = writer.sealing()
    keeper = seal_keeper(KeeperWire(name="Оля", phone="123"), sealing)
    await put(pool, writer, "b1", opened(keeper=keeper), sealing=sealing)
    access = Access(pool, writer, TOY.frame, open_at_once, passing=CutOff(moment, times=1, error=error))

    def release():
        caller = Caller("o:7", frozenset({"disclose"}))
        return access.release(BOX, "b1", caller=caller, purpose=Purpose("notary 77", "sale"), fields=["phone"])

    with pytest.raises(error):
        await release()
    assert len(await list_streams(pool, "toy_access", after="", limit=10)) == moment.is_done
    recorded_as, (field,) = await release()
    assert field.name == "phone"
    assert len(await load_history(pool, recorded_as.subject)) == 1


async def test_a_term_erases_again_what_the_topic_has_before_anybody_is_let_in(pool, writer, monkeypatch):
    done = []

    async def read_to_end():
        done.append("read")

    async def erase_again(connection, sector):
        assert connection.is_in_transaction()
        done.append(f"erased in {sector}")
        return 0

    monkeypatch.setattr(relay, "erase_again", erase_again)
    term = object.__new__(relay._Term)
    term._own_topic = SimpleNamespace(read_to_end=read_to_end)
    term._world = SimpleNamespace(
        pool=pool, writer=writer, passing=CutOff(Moment(Step.ERASED_AGAIN, is_done=False), times=1)
    )
    await term.catch_up()
    assert done == ["read", "erased in toy", "erased in toy"], "cut off before its commit, it is done again"


async def test_a_batch_that_was_lost_with_the_process_is_read_again(pool, writer, tmp_path, monkeypatch):
    make_batches_small(monkeypatch)
    path = write(tmp_path, rows(25))
    toy_like = SimpleNamespace(world=SimpleNamespace(pool=pool, writer=writer))

    def importing(passing):
        given = importer_of(toy_like, path)
        return Unsealed(TOY, writer=writer, pool=pool, request=given._request, on_progress=_ignore, passing=passing)

    with pytest.raises(Killed):
        await importing(CutOff(Moment(Step.IMPORTED, is_done=False), times=1, after=1, error=Killed)).read_all()
    assert await pool.fetchval("select next_number from import_run") == 1
    counts = await importing(pass_on).read_all()
    assert counts[:4] == (25, 25, 0, 0)
    boxes = await list_streams(pool, "box", after="", limit=100)
    assert [box.version for box in boxes] == [1] * 25
    assert len({partition_of(box.subject, 2) for box in boxes}) == 2


def _ignore(_progress) -> None:
    """Nobody watches."""
