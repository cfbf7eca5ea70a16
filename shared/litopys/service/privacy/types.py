"""Erasures and legal holds as HTTP shows them: two aggregates that the library gives to every sector."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from litopys.service.privacy.guarding import ReachGuard
from litopys.service.sector import AggregateType
from litopys.service.wire.commands import command_types
from litopys.service.wire.reaching import ERASURE_BODIES, HOLD_BODIES
from litopys.sourcing.accesses import ACCESS_FIELDS
from litopys.sourcing.erasures import erasure_decider
from litopys.sourcing.holds import hold_decider
from litopys.sourcing.moments import last_second, recorded_second
from litopys.sourcing.personal import RANDOM_ID
from litopys.sourcing.shapes import shape_of

if TYPE_CHECKING:
    from litopys.service.sector import CommandType, Sector
    from litopys.service.wire.bodies import Body
    from litopys.sourcing.aggregates import Aggregate
    from litopys.sourcing.deciding import Decider
    from litopys.sourcing.facts import Fact

ERASE: Final = "erase"
"""What a token must grant for the commands about erasures."""
HOLD: Final = "hold"
"""What a token must grant for the commands about legal holds."""

_REACH: Final = {
    "subject": "land_parcel:5322081200:00:001:0003",
    "person": "0f8fad5bd9cb469fa16570867728950e",
    "fields": ["address"],
}
_BASIS: Final = {"kind": "application", "document": "заява 60718", "issued": "2026-02-28"}
_LIVE: Final = {"status": "live", "proposals": [], "inconsistent": []}


def with_privacy_types(sector: Sector) -> Sector:
    """Give a sector with the types of its erasures and holds beside its own."""
    return dataclasses.replace(sector, aggregates=(*sector.aggregates, *privacy_types(sector)))


def privacy_types(sector: Sector) -> tuple[AggregateType, AggregateType]:
    """Describe a sector's erasures and holds; both reach the personal fields of all its streams, accesses included."""
    guard = ReachGuard(sector.name, _personal_names(sector))
    return (
        _type(
            erasure_decider(sector.name),
            plural="erasures",
            title="Erasure of personal fields",
            commands=_commands(erasure_decider(sector.name), ERASURE_BODIES, scope=ERASE, guard=guard),
            example={"standing": _LIVE, "reach": _REACH, "up_to": 3, "basis": _BASIS, "stage": "asked"},
        ),
        _type(
            hold_decider(sector.name),
            plural="legal-holds",
            title="Legal hold on personal fields",
            commands=_commands(hold_decider(sector.name), HOLD_BODIES, scope=HOLD, guard=guard),
            example={"standing": _LIVE, "reach": _REACH, "basis": _BASIS, "stage": "imposed"},
        ),
    )


def _personal_names(sector: Sector) -> Mapping[str, Collection[str]]:
    return {
        f"{sector.name}_access": ACCESS_FIELDS,
        f"{sector.name}_import": ("file_digest",),
        **{aggregate.name: tuple(aggregate.personal) for aggregate in sector.aggregates},
    }


def _commands(
    decider: Decider, bodies: Mapping[str, type[Body]], *, scope: str, guard: ReachGuard
) -> tuple[CommandType, ...]:
    made = command_types(decider, bodies, begins=frozenset({"ask"}))
    return tuple(dataclasses.replace(one, scope=scope, guard=guard) for one in made)


def _type(
    decider: Decider, *, plural: str, title: str, commands: tuple[CommandType, ...], example: Mapping[str, Any]
) -> AggregateType:
    aggregate = decider.aggregate

    def view(state: Any) -> Mapping[str, Any]:  # noqa: ANN401 — either state
        return _shown(aggregate, state)

    def view_at(facts: Sequence[Fact], moment: str) -> Mapping[str, Any] | None:
        """What is asked, erased or held is so from when it is recorded."""
        state = None
        for fact in facts:
            if recorded_second(fact.time) <= last_second(moment):
                state = aggregate.apply(state, fact)
        return None if state is None else _shown(aggregate, state)

    return AggregateType(
        name=aggregate.name,
        plural=plural,
        title=title,
        key_pattern=RANDOM_ID,
        key_example="7d4448409dc011d1b2455ffdce74fad2",
        commands=commands,
        view=view,
        view_at=view_at,
        view_example=example,
    )


def _shown(aggregate: Aggregate, state: Any) -> Mapping[str, Any]:  # noqa: ANN401 — either state
    shown: Mapping[str, Any] = shape_of(aggregate.state).encode(state)  # type: ignore[assignment]
    return shown
