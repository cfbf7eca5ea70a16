"""What the ledger refuses: again where only the moment was at fault, voided where it was not; never silently."""

import pytest

from litopys.errors import Conflict
from litopys.event.cloudevents import parse_event
from litopys.event.signatures import sign_event
from litopys.event.streams import Citation, partition_of
from litopys.kafka.producer import Publisher
from litopys.kafka.records import Outgoing, signed_headers
from litopys.ledger.rejections import Reason
from litopys.postgres.pool import transaction
from litopys.postgres.sector_append import append
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_reading import load_history, load_stream
from litopys.postgres.sector_verdicts import State
from litopys.service.writing import Stream
from litopys.sourcing.facts import Decided
from tests.support.toy_sector import domain as toy_domain
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


def first_time(reason: Reason, marker: bytes):
    """Refuse the first copy of every record that holds `marker`."""
    refused = {}

    def fault(record):
        place = (record.partition, record.offset)
        if marker in record.value and refused.setdefault(record.value, place) == place:
            return reason
        return None

    return fault


def always(reason: Reason, marker: bytes):
    return lambda record: reason if marker in record.value else None


@pytest.mark.parametrize("reason", [Reason.KEY, Reason.SIGNATURE, Reason.CITATION])
async def test_where_the_line_or_the_moment_was_at_fault_the_same_bytes_are_published_again(toy, reason):
    toy.ledger.fault = first_time(reason, b'"count":13')
    async with toy.life():
        await toy.open_box("b1")
        unlucky = await toy.add("b1", 13, version=1)
        following = await toy.add("b1", 1, version=2)
        assert (await toy.settled(unlucky)).state is State.FINAL
        assert (await toy.settled(following)).state is State.FINAL
    history = await load_history(toy.world.pool, "box:b1")
    assert [parse_event(e.value).data.get("count") for e in history] == [None, 13, 1]
    assert reason in toy.ledger.reasons


async def test_after_a_rule_the_stream_is_set_back_and_the_addresses_are_voided(toy):
    toy.ledger.fault = always(Reason.RULE, b'"count":13')
    async with toy.life(ledger=False):
        opened = await toy.open_box("b1")
        refused = await toy.add("b1", 13, version=1)
        later = await toy.add("b1", 1, version=2)
    async with toy.life():
        statuses = [await toy.settled(address) for address in (opened, refused, later)]
        assert [s.state for s in statuses] == [State.FINAL, State.REJECTED, State.REJECTED]
        assert [s.reason for s in statuses] == [None, "rule", "stream-version"]
        stored = await load_stream(toy.world.pool, "box:b1")
        stream = toy.world.writer.decode("box:b1", version=stored.version, state=stored.state)
        assert (stream.version, stream.state.content) == (3, 0)
        after = await toy.add("b1", 2, version=3)
        assert (await toy.settled(after)).state is State.FINAL
    history = await load_history(toy.world.pool, "box:b1")
    assert [parse_event(e.value).name for e in history] == ["box_opened", "voided", "voided", "items_added"]


async def test_a_first_event_that_is_refused_leaves_a_stream_without_state(toy):
    toy.ledger.fault = always(Reason.RULE, b'"label":"bad"')
    async with toy.life():
        refused = await toy.open_box("b1", label="bad")
        assert (await toy.settled(refused)).state is State.REJECTED
        again = await toy.open_box("b1")
        assert again.version == 2
        assert (await toy.settled(again)).state is State.FINAL


async def test_a_stopped_stream_refuses_commands_until_it_is_set_back(toy):
    toy.ledger.fault = always(Reason.RULE, b'"count":13')
    async with toy.life():
        await toy.settled(await toy.open_box("b1"))
        refused = await toy.add("b1", 13, version=1)
        assert (await toy.settled(refused)).state is State.REJECTED
        with pytest.raises(Conflict):
            await toy.add("b1", 1, version=1)


async def test_copies_of_what_is_admitted_change_nothing(toy):
    async with toy.life():
        address = await toy.open_box("b1")
        status = await toy.settled(address)
        (event,) = await load_history(toy.world.pool, "box:b1")
        line = sign_event(toy.world.signer, event.value)
        partition = partition_of("box:b1", 2)
        async with Publisher(toy.world.kafka, "copier") as publisher:
            await publisher.publish([Outgoing(toy.world.topic, partition, event.value, signed_headers(line))] * 3)
        second = await toy.add("b1", 1, version=1)
        assert (await toy.settled(second)).state is State.FINAL
        await until(lambda: has_settled_rejections(toy, 3))
        assert await toy.board.status(address) == status
        assert toy.ledger.reasons == [Reason.STREAM_VERSION] * 3


async def has_settled_rejections(toy, count: int) -> bool:
    query = "select count(*) from rejection where settled"
    return await toy.world.pool.fetchval(query) == count


async def test_garbage_on_the_topic_is_passed_over(toy):
    async with toy.life():
        async with Publisher(toy.world.kafka, "vandal") as publisher:
            junk = [b"", b"{}", b"\xff" * 100]
            await publisher.publish([Outgoing(toy.world.topic, 0, value, ()) for value in junk])
        address = await toy.open_box("b1")
        assert (await toy.settled(address)).state is State.FINAL
        assert toy.ledger.reasons == [Reason.MALFORMED] * 3


async def test_an_event_that_cites_waits_until_the_cited_is_final(toy):
    async with toy.life():
        cited = await toy.open_box("b1")
        writer = toy.world.writer
        opened = Decided("box_opened", 1, toy_domain.BoxOpened("hats", None, "sha-256", None), (Citation("box:b1", 1),))
        change, stream = writer.change(Stream("box:b2", 0, None), [opened], actor="o:1")
        more, _ = writer.change(stream, [Decided("items_added", 1, toy_domain.ItemsAdded(1, "2026"))], actor="o:1")
        for one in (change, more):
            async with transaction(toy.world.pool) as connection:
                await append(connection, [one])
        statuses = [await toy.settled(a) for a in (cited, cited._replace(subject="box:b2", version=2))]
        assert [s.state for s in statuses] == [State.FINAL, State.FINAL]
    assert toy.ledger.reasons == []


async def test_a_stream_that_cites_itself_twice_is_let_go_step_by_step(toy):
    async with toy.life():
        writer, stream = toy.world.writer, Stream("box:b1", 0, None)
        facts = [Decided("box_opened", 1, toy_domain.BoxOpened("hats", None, "sha-256", None))]
        for version in range(1, 4):
            added = toy_domain.ItemsAdded(1, "2026")
            facts.append(Decided("items_added", 1, added, (Citation("box:b1", version),)))
        change, _ = writer.change(stream, facts, actor="o:1")
        async with transaction(toy.world.pool) as connection:
            await append(connection, [change])
        assert (await toy.settled(Address("box:b1", 4))).state is State.FINAL
    assert toy.ledger.reasons == []
