"""The toy's second version of rules: a box has room for a hundred things, unless it held more when the rules changed.

It changes one aggregate in three of its functions and leaves the rest of the sector as it stands.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any

from litopys.errors import RuleViolated
from litopys.sourcing.common import NotNegative, Standing
from litopys.sourcing.context import Context
from litopys.sourcing.domains import Domain, next_domain
from litopys.sourcing.facts import Decided, Fact
from litopys.sourcing.moments import Moment
from litopys.sourcing.personal import RandomId
from tests.support.toy_sector.domain import BOX, RULES, Box, Label, evolve_box, open_box

ROOM = 100


@dataclass(frozen=True, slots=True)
class RoomyBox:
    standing: Standing
    label: Label
    content: NotNegative
    room: NotNegative
    keeper: RandomId | None = None


@dataclass(frozen=True, slots=True)
class BoxEmptied:
    valid_from: Moment


def measure_box(box: Box) -> RoomyBox:
    """A state of the first version as the second has it: what is in a box has room in it."""
    return RoomyBox(box.standing, box.label, box.content, max(ROOM, box.content), box.keeper)


def open_roomy_box(fact: Fact) -> RoomyBox:
    return measure_box(open_box(fact))


def evolve_roomy_box(state: RoomyBox, fact: Fact) -> RoomyBox:
    if fact.name == "box_emptied":
        return dataclasses.replace(state, content=0)
    changed: Any = evolve_box(state, fact)  # type: ignore[arg-type]
    if changed.content > changed.room:
        raise RuleViolated("no-room", "there is no room in the box")
    return changed  # type: ignore[no-any-return]


ROOMY_BOX = dataclasses.replace(
    BOX,
    state=RoomyBox,
    events={**BOX.events, ("box_emptied", 1): BoxEmptied},
    openers={"box_opened": open_roomy_box},
    evolve=evolve_roomy_box,
)
LATER_RULES: Domain = next_domain(RULES, ROOMY_BOX, carries={"box": measure_box})
DOMAINS = {1: RULES, 2: LATER_RULES}


def decide_empty(command: BoxEmptied, state: Any, _context: Context) -> tuple[Decided, ...]:
    if state is None:
        raise RuleViolated("not-open", "there is no such box")
    return (Decided("box_emptied", 1, command),)
