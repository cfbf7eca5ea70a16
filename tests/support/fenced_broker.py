"""A broker that comes to answer that it knows no broker, not even itself: as one does whom its controller has fenced.

    with Broker.serve() as broker:
        ...  # clients of broker.bootstrap know it
        broker.is_fenced.set()

Speaks as much of Kafka's protocol as a client asks for before it has metadata: ApiVersions (0) and Metadata (4).
"""

from __future__ import annotations

import socketserver
import struct
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOPBACK = "127.0.0.1"
_METADATA, _API_VERSIONS = 3, 18
_UNSUPPORTED_VERSION = 35
_NEWEST = {_METADATA: 4, _API_VERSIONS: 0}


class Broker(socketserver.ThreadingTCPServer):
    """One broker, itself the controller, without topics."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), _Answering)
        self.is_fenced = threading.Event()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    @property
    def bootstrap(self) -> str:
        """What clients are given as `bootstrap.servers`."""
        return f"{LOOPBACK}:{self.port}"

    @classmethod
    @contextmanager
    def serve(cls) -> Iterator[Broker]:
        """Serve until the block ends."""
        with cls() as broker:
            threading.Thread(target=broker.serve_forever, daemon=True).start()
            yield broker
            broker.shutdown()

    def metadata(self) -> bytes:
        """Throttle time, brokers, the cluster's id, the controller, topics."""
        host = LOOPBACK.encode()
        itself = struct.pack(">iih", 1, 1, len(host)) + host + struct.pack(">ih", self.port, -1)
        brokers, controller = (struct.pack(">i", 0), -1) if self.is_fenced.is_set() else (itself, 1)
        return struct.pack(">i", 0) + brokers + struct.pack(">h", 1) + b"c" + struct.pack(">ii", controller, 0)


class _Answering(socketserver.StreamRequestHandler):
    server: Broker

    def handle(self) -> None:
        while len(head := self.rfile.read(4)) == 4:
            request = self.rfile.read(struct.unpack(">i", head)[0])
            api, version, correlation = struct.unpack(">hhi", request[:8])
            body = _versions(version) if api == _API_VERSIONS else self.server.metadata()
            answer = struct.pack(">i", correlation) + body
            self.wfile.write(struct.pack(">i", len(answer)) + answer)


def _versions(asked: int) -> bytes:
    error = _UNSUPPORTED_VERSION if asked > _NEWEST[_API_VERSIONS] else 0
    known = b"".join(struct.pack(">hhh", api, 0, newest) for api, newest in _NEWEST.items())
    return struct.pack(">hi", error, len(_NEWEST)) + known
