"""Retrying what the world is at fault for, with growing pauses and without end; everything else leaves as it came."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import stamina
from stamina.instrumentation import set_on_retry_hooks

from litopys.errors import Conflict, Unavailable
from litopys.service.logs import get_log

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from stamina.instrumentation import RetryDetails

T = TypeVar("T")

_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 5.0
_JITTER_S = 0.05
# The first failures are everyday matters: a receipt asked for a moment before a validator has it.
_TOLD_FROM = 5

_log = get_log("patience")


async def patiently(step: Callable[[], Awaitable[T]]) -> T:
    """Return what `step` returns, trying again after Unavailable and Conflict for as long as it takes."""
    caller = stamina.AsyncRetryingCaller(
        attempts=None, timeout=None, wait_initial=_FIRST_PAUSE_S, wait_max=_LONGEST_PAUSE_S, wait_jitter=_JITTER_S
    )
    return await caller((Unavailable, Conflict), step)


def _tell(details: RetryDetails) -> None:
    """Tell of what keeps failing. Stamina's own hooks would tell all, with arguments, and count under other names."""
    if details.retry_num >= _TOLD_FROM:
        _log.warning("still trying", attempt=details.retry_num, error=str(details.caused_by))


set_on_retry_hooks([_tell])
