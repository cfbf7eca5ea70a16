import dataclasses

import pytest

from litopys.service.problems import NotFound
from litopys.service.search.searching import Place, Question, Searching
from tests.support.toy_sector.sector import TOY

pytestmark = pytest.mark.anyio

UNSEARCHED = dataclasses.replace(TOY.aggregate("box"), search=None)


class Pages:
    """Stands in for the reading: one page, without a database."""

    async def page(self, _aggregate, *, after, limit):
        return [f"after {after}"] * limit, None


def searching() -> Searching:
    return Searching(reading=Pages(), frame=TOY.frame, check_open=None)


async def test_objects_that_nobody_searches_are_listed_all_the_same():
    assert await searching().page(UNSEARCHED, Question(), place=Place("box:a", 2)) == (["after box:a"] * 2, None)


async def test_objects_that_nobody_searches_are_found_by_nothing():
    for question in (Question(terms={"label": "shoes"}), Question(text="shoes"), Question(persons={"name": "Оля"})):
        with pytest.raises(NotFound):
            await searching().page(UNSEARCHED, question, place=Place("", 2))
