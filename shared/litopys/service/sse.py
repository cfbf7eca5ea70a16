"""Server-sent events that can be resumed: `id:` is a position, `Last-Event-ID` asks for what came after it."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Header
from fastapi.sse import EventSourceResponse, ServerSentEvent

__all__ = ["EventSourceResponse", "Feed", "LastEventId", "ServerSentEvent"]

LastEventId = Annotated[int | None, Header(alias="Last-Event-ID", ge=-1, le=(1 << 53) - 1)]


class Feed:
    """Wakes whoever waits for news. It carries no news itself: a reader looks them up from its own position."""

    def __init__(self) -> None:
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Wake all who wait now."""
        self._news.set()
        self._news = asyncio.Event()

    async def wait(self, timeout_s: float) -> bool:
        """Wait for the next `wake`; False after `timeout_s`, when it is time to look anyway."""
        try:
            # Not `wait_for`: up to Python 3.11 it can swallow a cancellation that comes with the news.
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        except TimeoutError:
            return False
        return True
