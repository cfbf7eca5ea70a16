"""Free ports and waiting: what starting servers needs."""

import random
import socket
import time
from collections.abc import Callable

LOOPBACK = "127.0.0.1"
# Below the kernel's ephemeral ports: a client that knocks at a dead server on one of those can end up connected to
# itself, and then the server does not get its port back.
FIRST, LAST = 15_000, 32_000


def free_ports(count: int) -> list[int]:
    """Answer `count` different TCP ports that nobody listens on at the moment."""
    candidates = random.sample(range(FIRST, LAST), LAST - FIRST)
    free = (port for port in candidates if _is_free(port))
    return [next(free) for _ in range(count)]


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
