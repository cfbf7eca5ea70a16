"""Free ports and waiting: what starting servers needs."""

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from itertools import islice

LOOPBACK = "127.0.0.1"
# Below the kernel's ephemeral ports: a client that knocks at a dead server on one of those can end up connected to
# itself, and then the server does not get its port back.
FIRST, LAST = 15_000, 32_000
SHARE = 100


class Ports:
    """Free ports that this process alone draws, and each of them once, for as long as it lives.

    That nobody listens on a port says little: another process may have drawn it a moment ago for a server that has yet
    to start, or killed the server that it is about to start again. So ports are drawn from shares of a hundred, and a
    share belongs to who has bound its name among the kernel's abstract sockets (unix(7)), which are as wide as the
    ports are: a network namespace. The name is free again when the process ends, however it ends.
    """

    def __init__(self, name: str = "litopys-ports", numbers: range = range(FIRST, LAST)) -> None:
        self._name = name
        self._numbers = numbers
        self._claims: list[socket.socket] = []
        self._free = self._draw()
        self._one_at_a_time = threading.Lock()

    def draw(self, count: int) -> list[int]:
        """Answer `count` different TCP ports that nobody listens on. Raises OSError where none is left."""
        with self._one_at_a_time:
            drawn = list(islice(self._free, count))
        if len(drawn) < count:
            raise OSError(f"no port is left from {self._numbers.start} to {self._numbers.stop}")
        return drawn

    def close(self) -> None:
        """Give all shares back."""
        for claim in self._claims:
            claim.close()

    def _draw(self) -> Iterator[int]:
        firsts = self._numbers[::SHARE]
        for first in random.sample(firsts, len(firsts)):
            if self._claim(first):
                share = range(first, min(first + SHARE, self._numbers.stop))
                yield from (port for port in random.sample(share, len(share)) if _is_free(port))

    def _claim(self, first: int) -> bool:
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0{self._name}-{first}")
        except OSError:
            claim.close()
            return False
        self._claims.append(claim)
        return True


_OURS = Ports()


def free_ports(count: int) -> list[int]:
    """Answer `count` different TCP ports that nobody listens on, nor draws while this process lives; see `Ports`."""
    return _OURS.draw(count)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def wait_until(is_so: Callable[[], bool], *, what: str, timeout_s: float, pause_s: float = 0.05) -> None:
    """Ask again and again until `is_so` answers yes. Raises TimeoutError, saying what was waited for."""
    deadline = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout_s:.0f} s in vain for {what}")
        time.sleep(pause_s)
