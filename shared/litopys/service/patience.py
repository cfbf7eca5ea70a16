"""Retrying what the world is at fault for, with growing pauses and without end; everything else leaves as it came."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import stamina

from litopys.errors import Conflict, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 5.0


async def patiently(step: Callable[[], Awaitable[T]]) -> T:
    """Return what `step` returns, trying again after Unavailable and Conflict for as long as it takes."""
    caller = stamina.AsyncRetryingCaller(
        attempts=None, timeout=None, wait_initial=_FIRST_PAUSE_S, wait_max=_LONGEST_PAUSE_S
    )
    return await caller((Unavailable, Conflict), step)
