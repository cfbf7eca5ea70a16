"""Faults at the durable steps of a process (`litopys.steps`): the write lost, or taken and only its reply lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from litopys.errors import Unavailable
from litopys.steps import Moment

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from litopys.steps import Step


class Killed(BaseException):
    """As good as kill -9 for whatever the process holds in memory: nothing of ours answers it."""


ENDINGS = pytest.mark.parametrize("error", [Unavailable, Killed], ids=["cut-off", "killed"])


class CutOff:
    """Fails at one kind of moment, `times` times once `after` of them have passed, as a lost connection or a kill."""

    def __init__(self, moment: Moment, *, times: int, after: int = 0, error: type[BaseException] = Unavailable) -> None:
        self.moment = moment
        self.left = times
        self._after = after
        self._error = error

    def __call__(self, moment: Moment) -> None:
        if moment != self.moment or not self.left:
            return
        if self._after:
            self._after -= 1
            return
        self.left -= 1
        raise self._error(f"cut off at {moment}")


class InMidst:
    """Does something once, when a moment has passed `after` times: the second fault, in the recovery from the first.

    `act` is called on the thread of the loop, which stands still meanwhile.
    """

    def __init__(self, moment: Moment, act: Callable[[], object], *, after: int = 0) -> None:
        self.moment = moment
        self.is_done = False
        self._act = act
        self._after = after

    def __call__(self, moment: Moment) -> None:
        if moment != self.moment or self.is_done:
            return
        if self._after:
            self._after -= 1
            return
        self.is_done = True
        self._act()


async def live_again_after_kills(live: Callable[[], Awaitable[None]]) -> None:
    """Live one life after another, each ended by `Killed`; whatever else ends a life is raised."""
    while True:
        try:
            await live()
        except* Killed:
            pass


def moments(steps: Iterable[Step]) -> list[Moment]:
    """Just before and just after each step."""
    return [Moment(step, is_done) for step in steps for is_done in (False, True)]


def name_of(moment: Moment) -> str:
    """How a test is called that cuts off at a moment."""
    return f"{moment.step.name}-{'after' if moment.is_done else 'before'}"
