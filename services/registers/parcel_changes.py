"""What the registers tell the generic service about changes of parcels."""

from collections.abc import Iterator
from typing import Any, Final

from litopys.service.search.searchable import Search
from litopys.service.sector import AggregateType
from litopys.service.wire.commands import command_types
from services.registers.course import COURSE
from services.registers.domain.land_parcel.change_state import CHANGE_NUMBER
from services.registers.domain.land_parcel.state import CADASTRAL_NUMBER
from services.registers.domain.parcel_change.decide import DECIDER
from services.registers.domain.parcel_change.state import NAME, ChangeState
from services.registers.domain.parcel_change.views import view, view_at
from services.registers.gathering import FOR_CHANGES
from services.registers.wire.change_bodies import ON_CHANGES

_VIEW_EXAMPLE: Final[dict[str, Any]] = {
    "standing": {"status": "ended", "proposals": [], "inconsistent": []},
    "kind": "division",
    "phase": "completed",
    "turn": 5,
    "parents": [{"number": "5322081200:00:001:0003", "version": 1, "area_m2": 34800}],
    "children": [
        {"number": "5322081200:00:001:0101", "area_m2": 20000},
        {"number": "5322081200:00:001:0102", "area_m2": 14800},
    ],
    "tolerance_m2": 2,
    "plan": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
    "valid_from": "2026-03-01",
    "expires": "2026-04-01T21:00:00Z",
    "reason": None,
    "in_effect": True,
}


def _terms(state: ChangeState) -> Iterator[tuple[str, str]]:
    yield "kind", state.kind
    yield "phase", state.phase
    yield from (("parcel", parent.number) for parent in state.parents)
    yield from (("parcel", child.number) for child in state.children)


SEARCH: Final = Search(
    terms={
        "parcel": "Changes that end or form the parcel of this cadastral number",
        "kind": "Changes that are a `division` or a `merger`",
        "phase": "Changes that are `planned`, `authorised`, `completed`, `abandoned` or `annulled`",
    },
    patterns={
        "parcel": CADASTRAL_NUMBER,
        "kind": "division|merger",
        "phase": "planned|authorised|completed|abandoned|annulled",
    },
    broad=frozenset({"kind", "phase"}),
    terms_of=_terms,
)

PARCEL_CHANGES: Final = AggregateType(
    name=NAME,
    plural="parcel-changes",
    title="Division or merger of parcels",
    key_pattern=CHANGE_NUMBER,
    key_example="2026-117",
    commands=command_types(DECIDER, ON_CHANGES, begins=frozenset({"propose", "record"}), gathers=FOR_CHANGES),
    view=view,
    view_at=view_at,
    view_example=_VIEW_EXAMPLE,
    search=SEARCH,
    course=COURSE,
)
