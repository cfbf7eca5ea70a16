"""Faults at the durable steps of a process (`litopys.steps`): the write lost, or taken and only its reply lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litopys.errors import Unavailable
from litopys.steps import Moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litopys.steps import Step


class Killed(Exception):
    """The process ends here: nothing of ours answers it."""


class CutOff:
    """Fails at one kind of moment, the given number of times, as a lost connection or as a kill."""

    def __init__(self, moment: Moment, *, times: int, error: type[Exception] = Unavailable) -> None:
        self.moment = moment
        self.left = times
        self._error = error

    def __call__(self, moment: Moment) -> None:
        if moment == self.moment and self.left:
            self.left -= 1
            raise self._error(f"cut off at {moment}")


def moments(steps: Iterable[Step]) -> list[Moment]:
    """Just before and just after each step."""
    return [Moment(step, is_done) for step in steps for is_done in (False, True)]


def name_of(moment: Moment) -> str:
    """How a test is called that cuts off at a moment."""
    return f"{moment.step.name}-{'after' if moment.is_done else 'before'}"
