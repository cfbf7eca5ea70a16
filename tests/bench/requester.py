"""Requests at a rate that does not wait for answers, over connections that are kept; or as fast as answers come.

    python -m tests.bench.requester < plan.json

The plan has `rate` (requests a second; null: as many as are answered), `seconds`, `connections` for each server, and
`requests`: a list of kind, port and path, which are sent round and round in that order. It ends early when its input is
closed. What it tells on stdout is one object of JSON: see `Told`. The time of an answer runs from when its request was
due, whether or not a connection was free then: a server that stands still is not spared the requests that would have
come. Bytes are cut by their stated length and not looked into, so that the requester takes as little as it can of the
processors that it shares.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter, defaultdict, deque
from statistics import quantiles
from typing import TYPE_CHECKING, Any, NamedTuple

import uvloop

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LOOPBACK = "127.0.0.1"
_TICK_S = 0.002
_DRAIN_S = 10.0
_AHEAD = 4
_LENGTH = b"content-length: "


class Due(NamedTuple):
    """A request and when it is due, in seconds of the loop's clock."""

    kind: str
    data: bytes
    at: float


class Told(NamedTuple):
    """What came of a plan: `errors` counts answers other than 200, and lost connections; times are milliseconds."""

    sent: int
    answered: int
    errors: dict[str, int]
    per_second: float
    p50_ms: float
    p99_ms: float
    p50_ms_by_kind: dict[str, float]
    p99_ms_by_kind: dict[str, float]
    bytes: int
    seconds: float
    cpu_s: float


class Answers:
    """What has come back so far, by kind."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.errors: Counter[str] = Counter()
        self.bytes = 0

    def take(self, due: Due, status: bytes, *, now: float) -> None:
        """Note an answer of this status."""
        if status == b"200":
            self.seconds[due.kind].append(now - due.at)
        else:
            self.errors[f"{due.kind} {status.decode()}"] += 1

    @property
    def count(self) -> int:
        """How many requests have come to an end."""
        return sum(map(len, self.seconds.values())) + self.errors.total()


class Server:
    """The connections to one port, and what waits for one of them to be free."""

    def __init__(self, port: int, answers: Answers) -> None:
        self.port = port
        self.answers = answers
        self.waiting: deque[Due] = deque()
        self.free: list[Connection] = []

    async def open(self, connections: int) -> None:
        """Open the connections. Raises OSError."""
        for _ in range(connections):
            await self.connect()

    async def connect(self) -> None:
        """Open one more connection. Raises OSError."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: Connection(self), LOOPBACK, self.port)

    def send(self, due: Due) -> None:
        """Send a request on a free connection, or once one is free."""
        if self.free:
            self.free.pop().send(due)
        else:
            self.waiting.append(due)

    def is_free(self, connection: Connection) -> None:
        """Let a connection take what has waited longest."""
        if self.waiting:
            connection.send(self.waiting.popleft())
        else:
            self.free.append(connection)


class Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._due: Due | None = None
        self._head = b""
        self._left = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be free."""
        self._transport: Any = transport
        self._server.is_free(self)

    def send(self, due: Due) -> None:
        """Send a request."""
        self._due, self._head = due, b""
        self._transport.write(due.data)

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer."""
        self._server.answers.bytes += len(data)
        if self._left:
            self._left -= len(data)
        else:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            self._left = content_length(self._head[:end]) - (len(self._head) - end - 4)
        if not self._left:
            self._answered()

    def connection_lost(self, error: Exception | None) -> None:
        """Count what was under way as an error, and connect anew."""
        if self in self._server.free:
            self._server.free.remove(self)
        if self._due is not None:
            self._server.answers.errors["lost"] += 1
            self._reconnecting = asyncio.ensure_future(self._server.connect())

    def _answered(self) -> None:
        due, self._due = self._due, None
        self._server.answers.take(due, self._head[9:12], now=asyncio.get_running_loop().time())
        self._server.is_free(self)


def content_length(head: bytes) -> int:
    """The stated length of an answer's body. Raises ValueError where none is stated."""
    at = head.lower().index(_LENGTH) + len(_LENGTH)
    return int(head[at:].partition(b"\r\n")[0])


async def run_plan(plan: dict[str, Any], stopped: asyncio.Event) -> Told:
    """Send the plan's requests for its time or until `stopped`, then wait for what is under way."""
    loop = asyncio.get_running_loop()
    answers = Answers()
    servers = {port: Server(port, answers) for _, port, _ in plan["requests"]}
    for server in servers.values():
        await server.open(plan["connections"])
    requests = [(kind, servers[port], make_request(path)) for kind, port, path in plan["requests"]]
    cpu, began, sent, rate = time.process_time(), loop.time(), 0, plan["rate"]
    while not stopped.is_set() and (now := loop.time()) < began + plan["seconds"]:
        wanted = int((now - began) * rate) + 1 if rate else answers.count + _AHEAD * plan["connections"] * len(servers)
        for number in range(sent, wanted):
            kind, server, data = requests[number % len(requests)]
            server.send(Due(kind, data, began + number / rate if rate else now))
        sent = max(sent, wanted)
        await asyncio.sleep(_TICK_S)
    seconds = loop.time() - began
    while answers.count < sent and loop.time() < began + seconds + _DRAIN_S:
        await asyncio.sleep(_TICK_S)
    answers.errors["unanswered"] += sent - answers.count
    return tell(answers, sent=sent, seconds=seconds, cpu_s=time.process_time() - cpu)


def make_request(path: str) -> bytes:
    """Form a request for a path."""
    return f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\n\r\n".encode()


def tell(answers: Answers, *, sent: int, seconds: float, cpu_s: float) -> Told:
    """Sum up."""
    everything = [one for times in answers.seconds.values() for one in times]
    return Told(
        sent=sent,
        answered=len(everything),
        errors={name: count for name, count in answers.errors.items() if count},
        per_second=round(len(everything) / seconds, 1),
        p50_ms=percentile_ms(everything, 50),
        p99_ms=percentile_ms(everything, 99),
        p50_ms_by_kind={kind: percentile_ms(times, 50) for kind, times in sorted(answers.seconds.items())},
        p99_ms_by_kind={kind: percentile_ms(times, 99) for kind, times in sorted(answers.seconds.items())},
        bytes=answers.bytes,
        seconds=round(seconds, 3),
        cpu_s=round(cpu_s, 3),
    )


def percentile_ms(seconds: Sequence[float], hundredth: int) -> float:
    """The time within which `hundredth` of a hundred were answered, milliseconds; 0 of too few."""
    if len(seconds) < 2:
        return 0.0
    return round(1_000 * quantiles(seconds, n=100, method="inclusive")[hundredth - 1], 2)


async def _until_closed(lines: Iterable[str], stopped: asyncio.Event) -> None:
    """Set `stopped` when the input has ended."""
    await asyncio.to_thread(list, lines)
    stopped.set()


async def _main() -> None:
    plan = json.loads(sys.stdin.readline())
    stopped = asyncio.Event()
    watching = asyncio.create_task(_until_closed(sys.stdin, stopped))
    told = await run_plan(plan, stopped)
    print(json.dumps(told._asdict()), flush=True)
    watching.cancel()


if __name__ == "__main__":
    uvloop.run(_main())
