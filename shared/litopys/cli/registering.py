"""Where a sector is listed beside its own folders: `docker-compose.yml`, the overlays of `deploy/k8s`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_END: Final = "volumes: {"
_LINE: Final = "  - ../../sectors/"
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


def overlays(root: Path) -> list[Path]:
    """Return the files of the overlays that list sectors."""
    found = sorted((root / "deploy" / "k8s" / "overlays").glob("*/kustomization.yaml"))
    return [path for path in found if _LINE in path.read_text(encoding="utf-8")]


def with_line(overlay: str, dns: str) -> str:
    """Give the file of an overlay with one more sector, in the order of names; it has one already."""
    lines = without_line(overlay, dns).splitlines(keepends=True)
    listed = [number for number, line in enumerate(lines) if line.startswith(_LINE)]
    line = f"{_LINE}{dns}\n"
    place = next((number for number in listed if lines[number] > line), listed[-1] + 1)
    return "".join([*lines[:place], line, *lines[place:]])


def without_line(overlay: str, dns: str) -> str:
    """Give the file of an overlay without a sector."""
    return overlay.replace(f"{_LINE}{dns}\n", "")
