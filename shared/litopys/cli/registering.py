"""Where a sector is listed beside its own folders: `docker-compose.yml`."""

from __future__ import annotations

import re
from typing import Final

_END: Final = "volumes: {"
_PORT: Final = re.compile(r"127\.0\.0\.1:([0-9]+):")


def next_port(compose: str) -> int:
    """Return the port after the highest that is taken on the developer's machine."""
    return max(map(int, _PORT.findall(compose)), default=8099) + 1


def with_service(compose: str, service: str) -> str:
    """Give the file with one more service, the last; raises ValueError where there is no place for it."""
    before, end, after = compose.rpartition(f"\n{_END}")
    if not end:
        raise ValueError(f"docker-compose.yml has no line that begins with {_END}")
    return f"{before.rstrip()}\n\n{service}{end}{after}"


def without_service(compose: str, sector: str) -> str:
    """Give the file without a service: from its name to the next line that stands no deeper."""
    pattern = re.compile(rf"^  {re.escape(sector)}:\n(?:   .*\n|\n)*", re.MULTILINE)
    return pattern.sub("", compose)
