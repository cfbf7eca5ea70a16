"""What a command amounts to: the aggregate's own decision first, then what is the same for all aggregates.

A change that needs four eyes becomes a proposal; a migrated one cites its import instead, whose closing needs them.
Corrections, annulments, reinstatements and supersessions are decided here for every aggregate.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from litopys.errors import RuleViolated
from litopys.event.streams import Citation
from litopys.sourcing import commands as c
from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.common import Annulled, Approved, Corrected, Imported, Proposed, Reinstated, Superseded
from litopys.sourcing.context import Context
from litopys.sourcing.facts import Decided, Fact

MOST_FACTS: Final = 2000
"""An annulment reads at most so many events: beyond them the officer says what state results."""

Decide = Callable[[Any, Any, Context], Decided]


def _as_it_is(resulting: Any, _now: Any) -> Any:  # noqa: ANN401 - any state
    return resulting


def _cite_nothing(change: Decided, _subject: str) -> Decided:
    return change


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Decides on the commands of one aggregate.

    `decisions`: the aggregate's own, by class of command; each answers one event or raises RuleViolated. `openers`:
    commands that may begin a stream. `carry(resulting, now)`: makes a state fit to be carried by an annulment or a
    reinstatement, such as never to give a number twice. `cite(change, subject)`: adds what a change has to cite.
    """

    aggregate: Aggregate
    decisions: Mapping[type, Decide]
    openers: tuple[type, ...]
    carry: Callable[[Any, Any], Any] = _as_it_is
    cite: Callable[[Decided, str], Decided] = _cite_nothing
    _decisions: dict[type, Decide] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put the common decisions beside the aggregate's own, which come first."""
        common: dict[type, Decide] = {
            c.Correct: _correct,
            c.Annul: self._annul,
            c.Reinstate: self._reinstate,
            c.Supersede: _supersede,
        }
        object.__setattr__(self, "_decisions", {**common, **self.decisions})

    def decide(self, command: object, state: Any, context: Context) -> tuple[Decided, ...]:  # noqa: ANN401 - any state
        """Decide on a command; raises RuleViolated. Ledger rules are tried on a proposal before anyone reads it."""
        if isinstance(command, c.Approve):
            return self._approve(command, context)
        if state is None and not isinstance(command, self.openers):
            raise RuleViolated("not-open", "the stream has not begun")
        change = self.cite(self._decisions[type(command)](command, state, context), context.subject)
        if change.name not in self.aggregate.four_eyes:
            return (change,)
        imported: Imported | None = getattr(change.data, "imported", None)
        if imported is not None:
            cited = Citation(f"{self.aggregate.import_stream}:{imported.id}", 1)
            return (change._replace(cites=(*change.cites, cited)),)
        self.aggregate.apply_change(state, fact_of(change, context))
        content = self.aggregate.encode_data(change)
        return (Decided("proposed", 1, Proposed(change.name, change.type_version, content)),)

    def facts_needed(self, command: object) -> range:
        """Tell which earlier events of the stream a decision on this command reads."""
        if isinstance(command, c.Approve):
            return range(command.proposal, command.proposal + 1)
        if isinstance(command, c.Annul) and command.state is None and command.from_version is not None:
            return range(1, min(command.from_version, MOST_FACTS + 1))
        return range(0)

    def _approve(self, command: c.Approve, context: Context) -> tuple[Decided, ...]:
        proposed = context.facts.get(command.proposal)
        if proposed is None or proposed.name != "proposed":
            raise RuleViolated("no-such-proposal", "nothing is proposed under this number")
        data: Any = proposed.data
        change = Decided(data.change, data.change_version, self.aggregate.decode_content(proposed))
        return (Decided("approved", 1, Approved(command.proposal)), self.cite(change, context.subject))

    def _annul(self, command: c.Annul, state: Any, context: Context) -> Decided:  # noqa: ANN401 - any state
        """Propose an annulment; the state that results is the one before the version, unless another is given."""
        resulting = command.state
        if resulting is None and command.from_version is not None:
            resulting = self._state_before(command.from_version, context)
        if resulting is None:
            raise RuleViolated("annulled-state", "say what state results: nothing stood before")
        data: Annulled[Any, Any] = Annulled(
            from_version=command.from_version,
            from_moment=command.from_moment,
            by=command.by,  # type: ignore[arg-type]
            basis=command.basis,
            state=self._carried(resulting, state),
            persons=(),
            sd_alg="sha-256",
            imported=command.imported,
        )
        return Decided("annulled", 1, data)

    def _reinstate(self, command: c.Reinstate, state: Any, _context: Context) -> Decided:  # noqa: ANN401 - any state
        """Propose that an ended object lives again."""
        data: Reinstated[Any, Any] = Reinstated(
            by=command.by,  # type: ignore[arg-type]
            basis=command.basis,
            state=self._carried(self.aggregate.revive(command.state or state), state),
            persons=(),
            sd_alg="sha-256",
            imported=command.imported,
        )
        return Decided("reinstated", 1, data)

    def _state_before(self, version: int, context: Context) -> Any:  # noqa: ANN401 - any state
        state: Any = None
        for earlier in range(1, version):
            fact = context.facts.get(earlier)
            if fact is None:
                raise RuleViolated("annulled-from", "the stream has no such version")
            state = self.aggregate.apply(state, fact)
        return state

    def _carried(self, resulting: Any, now: Any) -> Any:  # noqa: ANN401 - any state
        """Make a state fit to be carried: no proposals, its contradictions listed."""
        found = tuple(sorted(self.aggregate.contradictions(resulting)))
        standing = dataclasses.replace(resulting.standing, proposals=(), inconsistent=found)
        return self.carry(dataclasses.replace(resulting, standing=standing), now)


def fact_of(decided: Decided, context: Context) -> Fact:
    """Give a decided fact the address that it will have when it is the next of its stream."""
    version = context.version + 1
    name, type_version, data, cites = decided
    return Fact(context.subject, version, name, type_version, context.time, context.actor, cites, data)


def _correct(command: c.Correct, _state: object, _context: Context) -> Decided:
    data = Corrected(command.field, command.old, command.new, command.basis, command.imported)
    return Decided("corrected", 1, data)


def _supersede(command: c.Supersede, _state: object, _context: Context) -> Decided:
    return Decided("superseded", 1, Superseded(command.by, command.basis, command.imported))
