"""The OpenAPI document of a sector, without a process: what its routes say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litopys.service.http.application import SectorWorld, sector_app
from litopys.service.writing import Writer

if TYPE_CHECKING:
    from litopys.service.sector import Sector


class _Absent:
    """Stands for what only a process has: routes are made with it, and none is ever called."""

    def __getattr__(self, name: str) -> _Absent:
        return self


def openapi_document(sector: Sector) -> dict[str, Any]:
    """Make the document that a process of this sector serves at `/openapi.json`."""
    domain = sector.domains[max(sector.domains)]
    absent: Any = _Absent()
    world = SectorWorld(
        sector=sector,
        writer=Writer(origin="", sector=sector.name, partitions=1, domain=domain),
        pool=absent,
        gate=absent,
        feed=absent,
        board=absent,
        validators=absent,
        token_key=None,
        digest_key=b"",
    )
    return sector_app(world).openapi()
