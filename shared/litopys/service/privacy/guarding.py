"""Register rules of erasures and holds: what their commands must look at beyond their own stream.

Both are about fields of another stream. A lock on that stream, held until the commit, decides between a hold that is
imposed and an erasure that is approved at the same moment: whichever comes second sees the first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from litopys.postgres.sector_erasing import list_holds_on, list_persons, lock_reach
from litopys.postgres.sector_reading import load_stream
from litopys.sourcing.codec import decode_state
from litopys.sourcing.erasures import ErasureAsked
from litopys.sourcing.holds import HoldState
from litopys.sourcing.reach import Reach, check_fields_known, check_is_there, check_not_held, check_person_known
from litopys.sourcing.shapes import shape_of

if TYPE_CHECKING:
    from litopys.postgres.pool import Connection
    from litopys.sourcing.common import Basis
    from litopys.sourcing.facts import Decided


@dataclass(frozen=True, slots=True)
class ReachGuard:
    """Guards the streams `<sector>_erasure` and `<sector>_hold`. `personal`: names of personal fields by aggregate."""

    sector: str
    personal: Mapping[str, Collection[str]]

    async def __call__(self, connection: Connection, subject: str, decided: Sequence[Decided]) -> None:
        """Refuse to ask for what is not there, and to erase, or propose to erase, what is held."""
        erases = subject.startswith(f"{self.sector}_erasure:")
        for one in decided:
            reach = _reach_of(one)
            if reach is None:
                continue
            await lock_reach(connection, reach.subject)
            if one.name == "asked":
                await self._check_there(connection, reach, one.data)
            elif erases:
                check_not_held(reach, await self._holds(connection, reach.subject))

    async def _check_there(self, connection: Connection, reach: Reach, asked: Any) -> None:  # noqa: ANN401 — either kind
        check_fields_known(reach.fields, self.personal.get(reach.subject.partition(":")[0], ()))
        stored = await load_stream(connection, reach.subject)
        up_to = asked.up_to if isinstance(asked, ErasureAsked) else None
        check_is_there(reach, up_to, stands_at=None if stored is None else stored.version)
        check_person_known(reach, await list_persons(connection, reach.subject))

    async def _holds(self, connection: Connection, subject: str) -> dict[str, tuple[Reach, Basis]]:
        found = await list_holds_on(connection, self.sector, subject)
        states: dict[str, HoldState] = {name: decode_state(HoldState, state) for name, state in found.items()}
        return {name: (state.reach, state.basis) for name, state in states.items() if state.stage == "imposed"}


def _reach_of(decided: Decided) -> Reach | None:
    """Give the reach that a decided event is about, also when it is only proposed; None for what has none."""
    data: Any = decided.data
    if decided.name == "proposed" and "reach" in data.content:
        reach: Reach = shape_of(Reach).decode(data.content["reach"])
        return reach
    return getattr(data, "reach", None)
