"""A broker that shows one validator other records: on the wire, with checksums that hold.

The others go on. The one that is lied to neither forks nor accuses anybody: it asks its peers, stops, and keeps what
its own Kafka showed beside what the quorum has.
"""

from contextlib import AsyncExitStack

import pytest

from deploy.local.ports import free_ports
from litopys.ledger.evidence import Accused, Role
from litopys.note.notes import Note, format_note, parse_note
from tests.support.council import PLAYED, Council
from tests.support.live_network import own_votes
from tests.support.lying_broker import LyingBroker
from tests.support.serving import served

pytestmark = pytest.mark.anyio

BROKER = Accused(Role.BROKER, "broker")
HONEST = ("lviv", "odesa")


class Scene:
    """kyiv reads through a broker that lies to it; lviv and odesa, with the played fourth, are a quorum without it."""

    def __init__(self, council, broker):
        self.council = council
        self.broker = broker
        self.kyiv = council.validators["kyiv"]

    async def seal(self, sealer="a"):
        """Seal what waits; all but kyiv make it final, and the log signs it."""
        live = self.council.live
        block = live.next_block()
        await self.council.put_block(block, sealer)
        live.height, live.previous, live.unsealed = block.height, block.hash, []
        await self.sign(block.height)
        return block

    async def sign(self, height):
        row = await self.council.validators["lviv"].reached(height=height)
        await self.council.live.vote(self.council.live.checkpoint(row.size, row.root), PLAYED, "log")
        await self.council.agreed(height, among=HONEST)

    async def is_told_of(self, *accused, kinds):
        """All evidence of all validators: kyiv's names these, the others' nobody."""
        for name in self.council.validators:
            rows = await self.council.rows(name)
            shown = [(row["kind"], row["detail"]) for row in rows]
            assert await self.council.accused(name, rows) == (set(accused) if name == "kyiv" else set()), (name, shown)
            assert {row["kind"] for row in rows} == (set(kinds) if name == "kyiv" else set()), (name, shown)


@pytest.fixture
async def scene(kafka, postgres_server, tmp_path):
    ports = free_ports(4)
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    async with AsyncExitStack() as closing:
        broker = await closing.enter_async_context(LyingBroker.before(kafka.bootstrap))
        council = await closing.enter_async_context(
            Council.sit(
                kafka,
                postgres_server,
                tmp_path,
                urls=urls,
                kyiv={"bootstrap": broker.bootstrap, "peer_interval_s": 0.1},
            )
        )
        for name, port in zip(("kyiv", *HONEST), ports, strict=False):
            database = council.validators[name].database
            await closing.enter_async_context(served(council.live, name, database, port))
        scene = Scene(council, broker)
        await council.publish()
        await scene.seal()
        await council.agreed(0)
        yield scene


async def lie_about_a_record(scene):
    """kyiv is shown another value at one offset of the next block."""
    record = scene.council.live.simulated.record_of("thing:lied", offset=0)
    scene.broker.lies[record.value] = record.value.replace(b'"o:1"', b'"o:2"')
    placed = await scene.council.live.publish_record(record)
    return placed, placed._replace(value=scene.broker.lies[record.value])


async def test_another_record_stops_the_one_and_names_its_broker_alone(scene):
    placed, lied = await lie_about_a_record(scene)
    block = await scene.seal()
    reason = await scene.kyiv.halted()
    assert "KafkaDiffers" in reason
    assert f"registers, partition {placed.partition}, offset {placed.offset}" in reason
    assert "no sealer and no validator is accused" in reason
    (row,) = await scene.kyiv.evidence(kind="other-records")
    assert lied.value in row["first"]
    assert placed.value in row["second"]
    assert await own_votes(scene.kyiv.pool) == [(2, 0)], "nothing was signed that the quorum has not"
    await scene.is_told_of(BROKER, kinds={"other-records"})
    await scene.council.publish()
    await scene.seal()
    assert block.height == 1


async def test_it_stops_again_while_the_broker_lies_and_goes_on_from_an_honest_one(scene):
    await lie_about_a_record(scene)
    await scene.seal()
    await scene.kyiv.halted()
    await scene.kyiv.pause()
    scene.kyiv.standing.halted = None
    scene.kyiv.resume()
    assert "KafkaDiffers" in await scene.kyiv.halted()
    await scene.kyiv.pause()
    scene.kyiv.standing.halted = None
    scene.broker.lies.clear()
    scene.kyiv.resume()
    await scene.council.agreed(1)
    await scene.council.publish()
    await scene.seal()
    await scene.council.agreed(2)
    assert [height for _, height in await own_votes(scene.kyiv.pool)] == [0, 1, 2], "nothing was lost"
    await scene.is_told_of(BROKER, kinds={"other-records"})
    await scene.council.judge("kyiv", [], (), None)


async def test_another_block_in_the_place_of_one(scene):
    """kyiv is shown a spoilt signature where the block stands, and then the block after it."""
    live = scene.council.live
    await scene.council.publish()
    note = live.simulated.block_note(live.next_block())
    text, (line,) = parse_note(note)
    scene.broker.lies[note] = format_note(Note(text, (line._replace(signature=bytes(64)),)))
    await scene.seal()
    await scene.council.publish()
    await scene.seal()
    assert "lacks block 1" in await scene.kyiv.halted()
    await scene.is_told_of(BROKER, kinds={"other-records"})


async def test_a_broker_that_lies_and_a_race_accuse_no_honest_sealer(scene):
    """Shown another record, kyiv passes the honest block over, and takes the one that lost the race for the block."""
    await lie_about_a_record(scene)
    await scene.kyiv.pause()  # or it would ask its peers before it sees the block that lost
    honest = await scene.seal()
    live = scene.council.live
    await live.publish("thing:1", sector="energy")
    other = live.next_block()
    late = live.simulated.block(1, honest.previous, live.unsealed)
    await scene.council.put_block(late, "b")
    await scene.council.put_block(other, "a")
    live.height, live.previous, live.unsealed = other.height, other.hash, []
    scene.kyiv.resume()
    await scene.sign(other.height)
    assert "QuorumElsewhere" in await scene.kyiv.halted()
    rows = await scene.council.rows("kyiv")
    assert await scene.council.accused("kyiv", rows) == set(), [(row["kind"], row["detail"]) for row in rows]


async def test_cosignatures_that_are_hidden_or_changed_accuse_nobody(scene):
    """Every vote of lviv reaches kyiv spoilt: it hears of the quorum from a peer, and goes on."""
    lviv = scene.council.validators["lviv"]
    await scene.council.publish()
    await scene.kyiv.pause()
    await scene.seal()
    row = await lviv.reached(height=1)
    line = await lviv.pool.fetchval("select line from cosignature where validator = 'lviv' and size = $1", row.size)
    scene.broker.lies[line.encode()] = line.encode()[:-20] + b"A" * 18 + b"=="
    scene.kyiv.resume()
    await scene.council.agreed(1)
    assert scene.broker.told
    await scene.is_told_of(kinds=())
