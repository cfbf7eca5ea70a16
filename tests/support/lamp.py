"""An aggregate for tests of what all aggregates share: a lamp with a name, lit over times, broken and mended."""

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Any

from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.common import COMMON_EVENTS, LIVE, Annulled, Basis, Imported, Positive, Reinstated, Standing, Text
from litopys.sourcing.constraints import Count
from litopys.sourcing.context import Context
from litopys.sourcing.deciding import Decider
from litopys.sourcing.facts import Decided, Fact
from litopys.sourcing.moments import Moment
from litopys.sourcing.personal import RandomId

BASIS = Basis("law", "закон", None)
SUBJECT = "lamp:1"


@dataclass(frozen=True, slots=True)
class Nobody:
    id: RandomId


@dataclass(frozen=True, slots=True)
class Burning:
    number: Positive
    valid_from: Moment
    valid_to: Moment | None


@dataclass(frozen=True, slots=True)
class Lamp:
    standing: Standing
    name: Text
    hung: Moment | None
    burnings: Annotated[tuple[Burning, ...], Count(0, 9)]


@dataclass(frozen=True, slots=True)
class Hung:
    name: Text
    valid_from: Moment | None
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Renamed:
    name: Text
    valid_from: Moment
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Lit:
    valid_from: Moment
    valid_to: Moment | None


@dataclass(frozen=True, slots=True)
class Broken:
    valid_from: Moment


def _hang(fact: Fact) -> Lamp:
    data: Any = fact.data
    return Lamp(LIVE, data.name, data.valid_from, ())


def _evolve(state: Lamp, fact: Fact) -> Lamp:
    data: Any = fact.data
    if fact.name == "renamed":
        return dataclasses.replace(state, name=data.name)
    if fact.name == "lit":
        burning = Burning(len(state.burnings) + 1, data.valid_from, data.valid_to)
        return dataclasses.replace(state, burnings=(*state.burnings, burning))
    return dataclasses.replace(state, standing=dataclasses.replace(state.standing, status="ended"))


LAMP = Aggregate(
    name="lamp",
    state=Lamp,
    events={
        **COMMON_EVENTS,
        ("annulled", 1): Annulled[Lamp, Nobody],
        ("reinstated", 1): Reinstated[Lamp, Nobody],
        ("hung", 1): Hung,
        ("renamed", 1): Renamed,
        ("lit", 1): Lit,
        ("broken", 1): Broken,
    },
    openers={"hung": _hang},
    evolve=_evolve,
    four_eyes=frozenset({"corrected", "annulled", "reinstated", "superseded", "renamed"}),
    import_stream="toy_import",
)


def _decide(name: str) -> Any:
    return lambda command, _state, _context: Decided(name, 1, command)


DECIDER = Decider(
    aggregate=LAMP,
    decisions={Hung: _decide("hung"), Renamed: _decide("renamed"), Lit: _decide("lit"), Broken: _decide("broken")},
    openers=(Hung,),
)


class Hanging:
    """One lamp's stream, in memory."""

    def __init__(self) -> None:
        self.state: Any = None
        self.facts: list[Fact] = []

    def do(self, command: object, actor: str = "one") -> list[Decided]:
        version = len(self.facts)
        known = {fact.version: fact for fact in self.facts}
        context = Context(subject=SUBJECT, version=version, actor=actor, time="2026-11-25T10:00:00.000Z", facts=known)
        decided = list(DECIDER.decide(command, self.state, context))
        for one in decided:
            version = len(self.facts) + 1
            fact = Fact(SUBJECT, version, one.name, one.type_version, context.time, actor, one.cites, one.data)
            self.state = LAMP.apply(self.state, fact)
            self.facts.append(fact)
        return decided
