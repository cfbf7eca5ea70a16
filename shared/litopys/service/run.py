"""Running a process: uvloop, one worker, SIGTERM and SIGINT end it gracefully."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import uvicorn
import uvloop

from litopys.errors import LitopysError
from litopys.service.garbage import spare_what_is_loaded
from litopys.service.logs import get_log
from litopys.service.measuring import measure_step
from litopys.steps import measure_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from fastapi import FastAPI

_BACKLOG = 1_024

_log = get_log("run")


def run_process(main: Callable[[asyncio.Event], Coroutine[None, None, None]]) -> None:
    """Run `main(stopping)` on uvloop until it returns; SIGTERM and SIGINT set `stopping`.

    An error ends the process with exit code 1. What is ours to say of it is logged; the text of others' errors may
    quote data, so of those only class and place are.
    """
    spare_what_is_loaded()
    measure_steps(measure_step)
    try:
        uvloop.run(_with_signals(main))
    except Exception as error:  # noqa: BLE001 — the last place where it can be told
        _log.critical("stopped", reasons=_reasons(error), exc_info=error)
        raise SystemExit(1) from None


def _reasons(error: BaseException) -> list[str]:
    if isinstance(error, BaseExceptionGroup):
        return [reason for member in error.exceptions for reason in _reasons(member)]
    return [f"{type(error).__name__}: {error}"] if isinstance(error, LitopysError) else []


async def _with_signals(main: Callable[[asyncio.Event], Coroutine[None, None, None]]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await main(stopping)


async def serve(app: FastAPI, *, host: str, port: int, stopping: asyncio.Event, stop_timeout_s: int = 10) -> None:
    """Serve `app` until `stopping` is set; open requests get `stop_timeout_s` to finish."""
    listener = socket.create_server((host, port), backlog=_BACKLOG)
    # Head and body are two writes; without this, a loop other than uvloop lets the second wait for the first's receipt.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        loop="none",
        http="httptools",
        server_header=False,
        timeout_graceful_shutdown=stop_timeout_s,
        backlog=_BACKLOG,
    )
    server = _Server(config)
    _log.info("serving", host=host, port=listener.getsockname()[1])
    watcher = asyncio.create_task(_stop_with(server, stopping))
    try:
        await server.serve(sockets=[listener])
    finally:
        watcher.cancel()
        stopping.set()
        with suppress(asyncio.CancelledError):
            await watcher


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: `run_process` has them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


async def _stop_with(server: uvicorn.Server, stopping: asyncio.Event) -> None:
    await stopping.wait()
    server.should_exit = True
