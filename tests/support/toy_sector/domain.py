"""The toy's rules: a box holds what was put in and not taken out; nobody takes more than there is."""

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Any

from litopys.errors import RuleViolated
from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.common import COMMON_EVENTS, LIVE, Imported, NotNegative, Positive, Standing
from litopys.sourcing.constraints import Count, MaxBytes
from litopys.sourcing.context import Context
from litopys.sourcing.domains import Domain, domain
from litopys.sourcing.facts import Decided, Fact
from litopys.sourcing.frame import frame_aggregates
from litopys.sourcing.moments import Moment
from litopys.sourcing.personal import Digest, DigestAlgorithm, RandomId

Label = Annotated[str, MaxBytes(100, least=1)]


@dataclass(frozen=True, slots=True)
class Keeper:
    id: RandomId
    sd: Annotated[tuple[Digest, ...], Count(2, 2)]


@dataclass(frozen=True, slots=True)
class Box:
    standing: Standing
    label: Label
    content: NotNegative
    keeper: RandomId | None = None


@dataclass(frozen=True, slots=True)
class BoxOpened:
    label: Label
    keeper: Keeper | None
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class HandedOver:
    keeper: Keeper
    sd_alg: DigestAlgorithm


@dataclass(frozen=True, slots=True)
class ItemsAdded:
    count: Positive
    valid_from: Moment
    imported: Imported | None = None


@dataclass(frozen=True, slots=True)
class ItemsTaken:
    count: Positive
    valid_from: Moment
    imported: Imported | None = None


def open_box(fact: Fact) -> Box:
    data: Any = fact.data
    return Box(LIVE, data.label, 0, data.keeper.id if data.keeper else None)


def evolve_box(state: Box, fact: Fact) -> Box:
    data: Any = fact.data
    if fact.name == "handed_over":
        return dataclasses.replace(state, keeper=data.keeper.id)
    change = data.count if fact.name == "items_added" else -data.count
    if state.content + change < 0:
        raise RuleViolated("too-few", "there is less in the box")
    return dataclasses.replace(state, content=state.content + change)


BOX = Aggregate(
    name="box",
    state=Box,
    events={
        **COMMON_EVENTS,
        ("box_opened", 1): BoxOpened,
        ("handed_over", 1): HandedOver,
        ("items_added", 1): ItemsAdded,
        ("items_taken", 1): ItemsTaken,
    },
    openers={"box_opened": open_box},
    evolve=evolve_box,
)
RULES: Domain = domain("toy", 1, [BOX, *frame_aggregates("toy")])


def decide_open(command: Any, state: Box | None, _context: Context) -> tuple[Decided, ...]:
    if state is not None:
        raise RuleViolated("already-open", "the box is there")
    return (Decided("box_opened", 1, command),)


def decide_hand_over(command: HandedOver, state: Box | None, _context: Context) -> tuple[Decided, ...]:
    if state is None:
        raise RuleViolated("not-open", "there is no such box")
    return (Decided("handed_over", 1, command),)


def decide_add(command: ItemsAdded, state: Box | None, _context: Context) -> tuple[Decided, ...]:
    if state is None:
        raise RuleViolated("not-open", "there is no such box")
    return (Decided("items_added", 1, command),)


def decide_take(command: ItemsTaken, state: Box | None, _context: Context) -> tuple[Decided, ...]:
    if state is None:
        raise RuleViolated("not-open", "there is no such box")
    if command.count > 1_000:
        raise RuleViolated("too-many", "nobody carries so much")
    return (Decided("items_taken", 1, command),)
