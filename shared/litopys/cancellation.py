"""A cancelled task ends, even when an error takes the place of its cancellation while it unwinds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


def heed_cancellation() -> None:
    """Raise CancelledError if the running task was asked to end; said where an error leads to a new attempt or a halt.

    A transaction that a cancellation rolls back on a connection that is gone raises an error of the connection
    instead, and a task group one of whose tasks fails meanwhile raises that failure. Who then tries again runs for
    ever, and who waits for his end waits for ever.
    """
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def in_own_task(work: Coroutine[None, None, T]) -> T:
    """Return what `work` returns, done in a task of its own; cancelling the caller cancels it.

    On Python 3.11 a task group that failed leaves its task marked as cancelled for good: attempts after it would be
    taken for cancelled ones.
    """
    return await asyncio.create_task(work)
