"""A broker that lies to whoever reads through it: a proxy that changes records in Kafka's answers, checksums and all.

    async with LyingBroker.before(kafka.bootstrap) as broker:
        broker.lies[true_bytes] = other_bytes_of_the_same_length
        ... bootstrap=broker.bootstrap

Everybody else reads the real one. Metadata that names the real broker is changed too, or clients would go there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_CHUNK = 1 << 16
_MAGIC, _CRC, _CHECKED, _HEADER = 16, 17, 21, 61
"""Places in a record batch of Kafka's format 2, and the length of its header."""


def _crc_table() -> list[int]:
    table = []
    for number in range(256):
        for _ in range(8):
            number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)  # noqa: PLW2901 -- the polynomial of CRC-32C
        table.append(number)
    return table


_TABLE = _crc_table()


def crc32c(data: bytes) -> int:
    """The checksum of a record batch."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


class LyingBroker:
    """What stands between a client and the real broker; `lies` are bytes and what is shown instead of them."""

    def __init__(self, host: str, port: int) -> None:
        self._real = host, port
        self._connections: set[asyncio.Task[None]] = set()
        self.port = 0
        self.lies: dict[bytes, bytes] = {}
        self.told = 0
        """How many answers have been changed."""

    @property
    def bootstrap(self) -> str:
        """Where to connect instead of the real broker."""
        return f"{self._real[0]}:{self.port}"

    @staticmethod
    @asynccontextmanager
    async def before(bootstrap: str) -> AsyncIterator[LyingBroker]:
        """Stand before the broker at `bootstrap`."""
        host, _, port = bootstrap.partition(":")
        broker = LyingBroker(host, int(port))
        server = await asyncio.start_server(broker._serve, host, 0)
        broker.port = server.sockets[0].getsockname()[1]
        try:
            yield broker
        finally:
            server.close()
            for task in broker._connections:
                task.cancel()
            await asyncio.gather(*broker._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        from_real, to_real = await asyncio.open_connection(*self._real)
        ways = [asyncio.create_task(_pass_on(reader, to_real)), asyncio.create_task(self._answer(from_real, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            to_real.close()
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on answer by answer: each is its length, then its bytes."""
        while True:
            size = await reader.readexactly(4)
            answer = await reader.readexactly(int.from_bytes(size, "big"))
            writer.write(size + self._changed(answer))
            await writer.drain()

    def _changed(self, answer: bytes) -> bytes:
        host, port = self._real[0].encode(), self._real[1]
        answer = answer.replace(host + port.to_bytes(4, "big"), host + self.port.to_bytes(4, "big"))
        for truth, lie in self.lies.items():
            place = answer.find(truth)
            while place >= 0:
                answer = _change(answer, place, lie)
                self.told += 1
                place = answer.find(truth)
        return answer


def _change(answer: bytes, place: int, lie: bytes) -> bytes:
    """Put a lie where a record's bytes stand, and mend the checksum of the batch around it."""
    for start in range(place - _HEADER, -1, -1):
        end = start + 12 + int.from_bytes(answer[start + 8 : start + 12], "big")
        if answer[start + _MAGIC] != 2 or not place + len(lie) <= end <= len(answer):
            continue
        if crc32c(answer[start + _CHECKED : end]) != int.from_bytes(answer[start + _CRC : start + _CHECKED], "big"):
            continue
        changed = bytearray(answer)
        changed[place : place + len(lie)] = lie
        changed[start + _CRC : start + _CHECKED] = crc32c(bytes(changed[start + _CHECKED : end])).to_bytes(4, "big")
        return bytes(changed)
    raise AssertionError("these bytes stand in no record batch")


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
