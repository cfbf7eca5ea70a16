"""What a command amounts to: register rules first, then events; what needs four eyes becomes a proposal."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from litopys.errors import RuleViolated
from litopys.event.streams import Citation
from litopys.sourcing.common import Approved, Imported, Proposed
from litopys.sourcing.context import Context
from litopys.sourcing.facts import Decided, Fact
from services.registers.domain.land_parcel import commands as c
from services.registers.domain.land_parcel.decide_burdens import DECIDE_BURDENS
from services.registers.domain.land_parcel.decide_common import DECIDE_COMMON
from services.registers.domain.land_parcel.decide_parcel import DECIDE_PARCEL
from services.registers.domain.land_parcel.decide_title import DECIDE_TITLE
from services.registers.domain.land_parcel.evolve import LAND_PARCEL
from services.registers.domain.land_parcel.state import ParcelState

MOST_FACTS: Final = 2000

DECISIONS: Final[Mapping[type, Callable[[Any, Any, Context], Decided]]] = {
    **DECIDE_PARCEL,
    **DECIDE_TITLE,
    **DECIDE_BURDENS,
    **DECIDE_COMMON,
}


def decide(command: object, state: ParcelState | None, context: Context) -> tuple[Decided, ...]:
    """Decide on a command; raises RuleViolated. Ledger rules are tried on a proposal too, before anyone reads it."""
    if isinstance(command, c.Approve):
        return _approve(command, context)
    if state is None and not isinstance(command, c.RecordParcel):
        raise RuleViolated("not-open", "the stream has not begun")
    change = _citing(DECISIONS[type(command)](command, state, context), context.subject)
    imported: Imported | None = getattr(change.data, "imported", None)
    if change.name not in LAND_PARCEL.four_eyes:
        return (change,)
    if imported is not None:
        # The import stream stands for the second person: its closing needs four eyes.
        cited = Citation(f"{LAND_PARCEL.import_stream}:{imported.id}", 1)
        return (change._replace(cites=(*change.cites, cited)),)
    LAND_PARCEL.apply_change(state, _fact(change, context))
    content = LAND_PARCEL.encode_data(change)
    return (Decided("proposed", 1, Proposed(change.name, change.type_version, content)),)


def facts_needed(command: object) -> range:
    """Tell which earlier events of the stream a decision on this command reads."""
    if isinstance(command, c.Approve):
        return range(command.proposal, command.proposal + 1)
    if isinstance(command, c.Annul) and command.state is None and command.from_version is not None:
        # Beyond this the officer says what state results: a decision does not read a stream of any length.
        return range(1, min(command.from_version, MOST_FACTS + 1))
    return range(0)


def _approve(command: c.Approve, context: Context) -> tuple[Decided, ...]:
    proposed = context.facts.get(command.proposal)
    if proposed is None or proposed.name != "proposed":
        raise RuleViolated("no-such-proposal", "nothing is proposed under this number")
    data: Any = proposed.data
    change = Decided(data.change, data.change_version, LAND_PARCEL.decode_content(proposed))
    return (Decided("approved", 1, Approved(command.proposal)), _citing(change, context.subject))


def _citing(change: Decided, subject: str) -> Decided:
    """Cite the latest consent that a transfer uses; all earlier ones stand before it in the same stream."""
    consents: tuple[int, ...] = getattr(change.data, "consents", ())
    return change._replace(cites=(*change.cites, Citation(subject, max(consents)))) if consents else change


def _fact(change: Decided, context: Context) -> Fact:
    return Fact(
        context.subject,
        context.version + 1,
        change.name,
        change.type_version,
        context.time,
        context.actor,
        change.cites,
        change.data,
    )
