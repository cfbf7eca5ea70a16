"""What a stream is found by is written with its events, and follows its state."""

import hashlib
from dataclasses import replace

import asyncpg
import pytest

from litopys.postgres.pool import transaction
from litopys.postgres.sector_append import append
from litopys.postgres.sector_search import Wanted, find_by_terms, search_streams
from litopys.postgres.sector_settling import reject_events, set_back
from litopys.service.search import building
from litopys.service.search.building import build_searches
from litopys.service.search.indexing import Indexing, format_term
from litopys.service.search.searchable import Search
from litopys.service.writing import Stream, Writer
from litopys.sourcing.facts import Decided
from litopys.steps import Step
from tests.integration.sector.conftest import ORIGIN
from tests.support.cutting import ENDINGS, CutOff, moments, name_of
from tests.support.databases import tampering
from tests.support.toy_sector import domain as toy
from tests.support.toy_sector.sector import TOY, KeeperWire, seal_keeper

pytestmark = pytest.mark.anyio
SHOES = format_term("box", "label", "shoes")
FILLED, EMPTY = format_term("box", "filled", "yes"), format_term("box", "filled", "no")


@pytest.fixture
def writer() -> Writer:
    return Writer(
        origin=ORIGIN, sector="toy", partitions=2, domain=toy.RULES, indexing=Indexing(TOY.searches, b"k" * 32)
    )


def opened(label: str = "shoes") -> Decided:
    return Decided("box_opened", 1, toy.BoxOpened(label, None, "sha-256", None))


async def put(pool, *changes):
    async with transaction(pool) as connection:
        return await append(connection, changes)


async def test_terms_are_found_for_many_values_at_once_and_follow_the_state(pool, writer):
    begun = [writer.change(Stream(f"box:b{n}", 0, None), [opened()], actor="o:1") for n in range(3)]
    await put(pool, *(change for change, _ in begun))
    found = await find_by_terms(pool, [SHOES, FILLED, EMPTY])
    assert found == {SHOES: ["box:b0", "box:b1", "box:b2"], EMPTY: ["box:b0", "box:b1", "box:b2"]}
    added = Decided("items_added", 1, toy.ItemsAdded(2, "2026"))
    await put(pool, writer.change(begun[1][1], [added], actor="o:1")[0])
    assert await find_by_terms(pool, [FILLED, EMPTY]) == {FILLED: ["box:b1"], EMPTY: ["box:b0", "box:b2"]}


async def test_of_a_rejected_event_nothing_is_found(pool, writer):
    sealing = writer.sealing()
    keeper = seal_keeper(KeeperWire(name="Оля", phone="123"), sealing)
    change, stream = writer.change(
        Stream("box:b1", 0, None), [Decided("box_opened", 1, toy.BoxOpened("shoes", keeper, "sha-256", None))],
        actor="o:1", sealing=sealing,
    )  # fmt: skip
    await put(pool, change)
    assert writer.indexing is not None
    lookup = writer.indexing.lookup_of("phone", "123")
    former = Wanted(lookups=(lookup,), is_open=False, former=True)
    next_keeper = seal_keeper(KeeperWire(name="Роман", phone="456"), sealing)
    handed = Decided("handed_over", 1, toy.HandedOver(next_keeper, "sha-256"))
    more, _ = writer.change(stream, [handed], actor="o:1", sealing=sealing)
    await put(pool, more)
    assert await found(pool, former) == ["box:b1"]
    assert await found(pool, former._replace(former=False)) == []
    rejected = former._replace(lookups=(writer.indexing.lookup_of("phone", "456"),))
    assert await found(pool, rejected) == ["box:b1"]
    async with transaction(pool) as connection:
        await reject_events(connection, "box:b1", versions=[2], reason="rule")
        encoded = writer.domain.encode_state(stream.state)
        await set_back(connection, "box:b1", version=1, state=encoded, entry=writer.entry(stream))
    assert await found(pool, rejected) == []
    assert await found(pool, former._replace(former=False)) == ["box:b1"]
    async with transaction(pool) as connection:
        await reject_events(connection, "box:b1", versions=[1], reason="rule")
        await set_back(connection, "box:b1", version=0, state=None)
    assert await found(pool, former) == []
    assert await find_by_terms(pool, [SHOES]) == {}


async def test_what_is_erased_cannot_be_looked_up(pool, writer):
    sealing = writer.sealing()
    keeper = seal_keeper(KeeperWire(name="Оля", phone="123"), sealing)
    opening = Decided("box_opened", 1, toy.BoxOpened("shoes", keeper, "sha-256", None))
    await put(pool, writer.change(Stream("box:b1", 0, None), [opening], actor="o:1", sealing=sealing)[0])
    with pytest.raises(asyncpg.CheckViolationError):
        await pool.execute("update disclosure set disclosure = null")


async def test_a_search_that_changed_is_built_anew_over_what_stands(pool, writer):
    unindexed = replace(writer, indexing=None)
    sealing = writer.sealing()
    keeper = seal_keeper(KeeperWire(name="Оля", phone="123"), sealing)
    opening = Decided("box_opened", 1, toy.BoxOpened("shoes", keeper, "sha-256", None))
    lost = Decided("handed_over", 1, toy.HandedOver(seal_keeper(KeeperWire(name="Роман"), sealing), "sha-256"))
    changes = [unindexed.change(Stream("box:b1", 0, None), [opening, lost], actor="o:1", sealing=sealing)[0]]
    changes += [unindexed.change(Stream(f"box:c{n:04}", 0, None), [opened()], actor="o:1")[0] for n in range(1_100)]
    await put(pool, *changes)
    _, admitted = unindexed.change(Stream("box:b1", 0, None), [opening], actor="o:1")
    async with transaction(pool) as connection:
        await reject_events(connection, "box:b1", versions=[2], reason="rule")
        await set_back(connection, "box:b1", version=1, state=writer.domain.encode_state(admitted.state))
    assert await find_by_terms(pool, [SHOES]) == {}
    assert await build_searches(pool, writer) == 1_101
    assert len((await find_by_terms(pool, [SHOES]))[SHOES]) == 1_101
    for name, subjects in (("Оля", ["box:b1"]), ("Роман", [])):
        lookup = writer.indexing.lookup_of("name", name)
        assert await found(pool, Wanted(lookups=(lookup,), former=True)) == subjects
    assert await build_searches(pool, writer) == 0
    later = Search(terms={"size": "Boxes of a size."}, terms_of=lambda _box: [("size", "large")], version=2)
    writer = replace(writer, indexing=Indexing({"box": later}, b"k" * 32))
    assert await build_searches(pool, writer) == 1_101
    assert set(await find_by_terms(pool, [SHOES, format_term("box", "size", "large")])) == {"box.size=large"}


@ENDINGS
@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("moment", moments([Step.INDEXED]), ids=name_of)
async def test_ended_while_searches_are_built(pool, writer, monkeypatch, moment, nth, error):
    """Whichever page it was cut off at, building begins again and comes to the whole; another may build at once."""
    monkeypatch.setattr(building, "_AT_ONCE", 4)
    unindexed, sealing = replace(writer, indexing=None), writer.sealing()
    changes = []
    for number in range(10):
        keeper = seal_keeper(KeeperWire(name="Оля", phone=f"12{number}"), sealing)
        opening = Decided("box_opened", 1, toy.BoxOpened("shoes", keeper, "sha-256", None))
        stream = Stream(f"box:b{number}", 0, None)
        changes.append(unindexed.change(stream, [opening], actor="o:1", sealing=sealing)[0])
    await put(pool, *changes)
    cut_off = CutOff(moment, times=2, after=nth - 1, error=error)
    for _ in range(1 if moment.is_done and nth == 3 else 2):
        with pytest.raises(error):
            await build_searches(pool, writer, passing=cut_off)
    # What the last page is written with says that all is built.
    is_built = moment.is_done and nth == 3
    assert await pool.fetchval("select count(*) from search_built") == is_built
    assert await build_searches(pool, writer) == (0 if is_built else 10)
    assert (await find_by_terms(pool, [SHOES]))[SHOES] == [f"box:b{number}" for number in range(10)]
    for number in range(10):
        wanted = Wanted(lookups=(writer.indexing.lookup_of("phone", f"12{number}"),), is_open=False)
        assert await found(pool, wanted) == [f"box:b{number}"]
    assert await pool.fetchval("select count(*) from pg_locks where locktype = 'advisory' and granted") == 0


async def test_a_hundred_thousand_streams_are_searched_by_index(pool, database):
    await pool.execute(
        """insert into stream (subject, version, state) select 'box:k' || lpad(n::text, 6, '0'), 1, 'null'
        from generate_series(1, 100000) n"""
    )
    await pool.execute(
        """insert into search_entry select 'box:k' || lpad(n::text, 6, '0'),
        array['box.label=l' || n, 'box.place=p' || n / 500, 'box.filled=' || (array['no', 'yes', 'yes'])[n % 3 + 1]],
        array_to_tsvector(array['школ', 'слово' || n % 1000, 'назв' || n]), array['a' || n]
        from generate_series(1, 100000) n"""
    )
    await pool.execute(
        """insert into disclosure (subject, version, digest, person, name, is_open, disclosure, lookup)
        select 'box:k' || lpad(n::text, 6, '0'), 1, 'd', 'a' || n, 'name', true, 'd', sha256(n::text::bytea)
        from generate_series(1, 100000) n"""
    )
    await pool.execute(
        """insert into event select 'box:k' || lpad(n::text, 6, '0'), 1, n, 0, now(), '{"data":{}}'
        from generate_series(1, 100000) n"""
    )
    async with tampering(database) as connection:
        await connection.execute("analyze")
    place, filled = format_term("box", "place", "p199"), format_term("box", "filled", "yes")
    lookup = hashlib.sha256(b"777").digest()
    for wanted, count in (
        (Wanted(terms=(place,)), 50),
        (Wanted(terms=(format_term("box", "label", "l77"),)), 1),
        (Wanted(terms=(place, filled), words="('слов' | 'слово7':*) & 'школ'"), 50),
        (Wanted(words="'назв777'"), 1),
        (Wanted(terms=(filled,), is_broad=True), 50),
        (Wanted(lookups=(lookup,)), 1),
    ):
        assert len(await found(pool, wanted)) == count
        plan = await explained(pool, wanted)
        assert "Seq Scan" not in plan, f"{wanted}: {plan}"
    many = [format_term("box", "label", f"l{n}") for n in range(0, 100_000, 100)]
    assert len(await find_by_terms(pool, many)) == len(many) - 1


async def found(pool, wanted: Wanted) -> list[str]:
    async with transaction(pool) as connection:
        return [s.subject for s in await search_streams(connection, "box", wanted, after="", limit=50)]


async def explained(pool, wanted: Wanted) -> str:
    """How the server goes about the very statement of a search."""

    class Explaining:
        def __init__(self, connection) -> None:
            self.connection = connection
            self.plan = ""

        async def execute(self, *arguments):
            return await self.connection.execute(*arguments)

        async def fetch(self, sql, *arguments):
            self.plan = "\n".join(row[0] for row in await self.connection.fetch(f"explain {sql}", *arguments))
            return []

    async with transaction(pool) as connection:
        explaining = Explaining(connection)
        await search_streams(explaining, "box", wanted, after="", limit=50)
        return explaining.plan
