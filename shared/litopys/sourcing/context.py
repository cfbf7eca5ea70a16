"""What `decide` may know beside command and state, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from litopys.sourcing.facts import Fact
from litopys.sourcing.steps import Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The surroundings of one decision, gathered by the shell before it.

    `version` is the stream's before the decision (0: it has none); `time` is the moment at which the event will be
    recorded, with milliseconds; `facts` holds the stream's own earlier facts that the command said it needs, by
    version; `held` holds, for an import that compares persons, their fields by the id that they have in the stream;
    `steps` remembers what rules made of facts in the course of the decision, None where nobody asks.
    """

    subject: str
    version: int
    actor: str
    time: str
    facts: Mapping[int, Fact] = field(default_factory=dict)
    held: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    steps: Steps | None = field(default=None, compare=False)
