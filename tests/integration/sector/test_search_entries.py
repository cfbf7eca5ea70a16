"""What a stream is found by is written with its events, and follows its state."""

import pytest

from litopys.postgres.pool import transaction
from litopys.postgres.sector_append import append
from litopys.postgres.sector_search import find_by_terms
from litopys.service.indexing import format_term, indexing_of
from litopys.service.writing import Stream, Writer
from litopys.sourcing.facts import Decided
from tests.integration.sector.conftest import ORIGIN
from tests.support.toy_sector import domain as toy
from tests.support.toy_sector.sector import TOY

pytestmark = pytest.mark.anyio
SHOES = format_term("box", "label", "shoes")
FILLED, EMPTY = format_term("box", "filled", "yes"), format_term("box", "filled", "no")


@pytest.fixture
def writer() -> Writer:
    return Writer(origin=ORIGIN, sector="toy", partitions=2, domain=toy.RULES, indexing=indexing_of(TOY, b"k" * 32))


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
