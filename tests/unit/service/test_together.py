import asyncio

import pytest

from litopys.service.together import MOST_A_TURN, Together

pytestmark = pytest.mark.anyio


class Work:
    """Doubles what is asked, refuses odd numbers, and takes a turn whenever it is let."""

    def __init__(self, *, is_slow: bool = False) -> None:
        self.turns: list[list[int]] = []
        self.may_go = asyncio.Event()
        self.begun = asyncio.Event()
        if not is_slow:
            self.may_go.set()

    async def __call__(self, asked):
        self.turns.append(list(asked))
        self.begun.set()
        await self.may_go.wait()
        return [ValueError(str(one)) if one % 2 else 2 * one for one in asked]


async def test_who_asks_at_once_shares_a_turn_and_each_gets_its_own_answer():
    work = Work()
    together = Together(work)
    answers = await asyncio.gather(*(together.ask(n) for n in (2, 3, 4)), return_exceptions=True)
    assert (answers[0], answers[2], work.turns) == (4, 8, [[2, 3, 4]])
    assert isinstance(answers[1], ValueError)
    assert str(answers[1]) == "3"


async def test_who_asks_during_a_turn_is_in_the_next():
    work = Work(is_slow=True)
    together = Together(work)
    first = asyncio.create_task(together.ask(2))
    await work.begun.wait()
    others = [asyncio.create_task(together.ask(n)) for n in (2, 4)]
    await asyncio.sleep(0)
    assert work.turns == [[2]]
    work.may_go.set()
    assert await asyncio.gather(first, *others) == [4, 4, 8]
    assert work.turns == [[2], [2, 4]]


async def test_a_turn_has_a_bound_and_the_order_stays():
    work = Work()
    together = Together(work)
    asked = range(0, 2 * MOST_A_TURN + 2, 2)
    assert await asyncio.gather(*map(together.ask, asked)) == [2 * n for n in asked]
    assert [len(turn) for turn in work.turns] == [MOST_A_TURN, 1]


async def test_what_the_work_raises_is_raised_for_the_whole_turn_and_the_next_goes_on():
    async def broken(asked):
        if 2 in asked:
            raise KeyError("broken")
        return asked

    together = Together(broken)
    answers = await asyncio.gather(together.ask(1), together.ask(2), return_exceptions=True)
    assert [type(one) for one in answers] == [KeyError, KeyError]
    assert await together.ask(1) == 1


async def test_one_who_gives_up_hinders_nobody():
    work = Work(is_slow=True)
    together = Together(work)
    tasks = [asyncio.create_task(together.ask(n)) for n in (2, 3, 4)]
    await work.begun.wait()
    tasks[0].cancel()
    tasks[1].cancel()
    work.may_go.set()
    assert await tasks[2] == 8
    assert work.turns == [[2, 3, 4]]
    assert await together.ask(6) == 12


async def test_who_waits_is_cancelled_with_the_work():
    work = Work(is_slow=True)
    together = Together(work)
    others = asyncio.all_tasks()
    inside = asyncio.create_task(together.ask(2))
    await work.begun.wait()
    behind = asyncio.create_task(together.ask(4))
    await asyncio.sleep(0)
    (turning,) = asyncio.all_tasks() - {*others, inside, behind}
    turning.cancel()
    ended = await asyncio.gather(inside, behind, return_exceptions=True)
    assert [type(one) for one in ended] == [asyncio.CancelledError] * 2
    work.may_go.set()
    assert await together.ask(6) == 12
