"""Work of one kind that several ask for at once, done for all of them in one turn."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

Asked = TypeVar("Asked")
Told = TypeVar("Told")

MOST_A_TURN = 256


class Together(Generic[Asked, Told]):
    """Hands what is asked for to `work`, turn after turn; whoever asks during a turn is in the next.

    So nobody is answered from what was read before they asked, one alone never waits for company, and the busier it
    is, the more share a turn. `work` answers each in order, by a value or by the error to raise; what it raises itself
    is raised for the whole turn. To cancel one who asks takes nothing back.
    """

    def __init__(self, work: Callable[[Sequence[Asked]], Awaitable[Sequence[Told | Exception]]]) -> None:
        self._work = work
        self._waiting: list[tuple[Asked, asyncio.Future[Told]]] = []
        self._turning: asyncio.Task[None] | None = None

    async def ask(self, asked: Asked) -> Told:
        """Return what `work` answers to this."""
        told: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, told))
        if self._turning is None:
            self._turning = asyncio.create_task(self._take_turns())
        return await told

    async def _take_turns(self) -> None:
        """Work off whatever waits; if that is cancelled, so are all who wait."""
        turn: Sequence[tuple[Asked, asyncio.Future[Told]]] = ()
        try:
            while self._waiting:
                turn, self._waiting = self._waiting[:MOST_A_TURN], self._waiting[MOST_A_TURN:]
                for (_, told), answer in zip(turn, await self._answers([asked for asked, _ in turn]), strict=True):
                    _tell(told, answer)
        finally:
            self._turning = None
            for _, told in (*turn, *self._waiting):
                told.cancel()
            self._waiting = []

    async def _answers(self, asked: Sequence[Asked]) -> Sequence[Told | Exception]:
        try:
            return await self._work(asked)
        except Exception as error:  # noqa: BLE001 — it is theirs who asked
            return [error] * len(asked)


def _tell(told: asyncio.Future[Told], answer: Told | Exception) -> None:
    if told.done():
        return
    if isinstance(answer, Exception):
        told.set_exception(answer)
    else:
        told.set_result(answer)
