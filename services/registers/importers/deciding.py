"""What a row of the cadastre amounts to: a parcel taken over, or what changed in a parcel that is known."""

from collections.abc import Mapping
from typing import Any, Final

from litopys.errors import RuleViolated
from litopys.exports.decimals import minor_units
from litopys.exports.json_text import write_json
from litopys.exports.rows import Row
from litopys.postgres.sector_changes import Address
from litopys.service.imports.importer import ImportMark, Target, Verdict
from litopys.service.sealing import Sealing
from litopys.sourcing.commands import Correct
from litopys.sourcing.common import Basis, Imported, Original
from litopys.sourcing.context import Context
from litopys.sourcing.episode import Episode
from litopys.sourcing.moments import is_moment
from litopys.sourcing.money import Money
from services.registers.domain.land_parcel.change_state import ForeseenParcel
from services.registers.domain.land_parcel.commands import CorrectBoundary, RecordParcel, Value
from services.registers.domain.land_parcel.decide import DECIDER
from services.registers.domain.land_parcel.events import Boundary
from services.registers.domain.land_parcel.parcel import boundary_digest
from services.registers.domain.land_parcel.state import ParcelState, Valuation
from services.registers.importers.cadastre import SOURCE, CadastreRow, read_cadastre_row

BASIS: Final = Basis("migration", SOURCE, None)
_DETAILS: Final = ("address", "category", "purpose_code", "purpose", "use", "ownership")
_VALUATION_FIELDS: Final = frozenset({"valuation_date", "valuation_value"})


def decide_parcel(
    row: Row,
    target: Target,
    state: ParcelState | None,
    *,
    context: Context,
    mark: ImportMark,
    sealing: Sealing,
    already: bool,
    before: Mapping[str, Address],
) -> Verdict:
    """Decide on a row of the parcels: `recorded`, or the differences from what is known."""
    del target, sealing, before  # a row is about its parcel alone, and names no person
    said = read_cadastre_row(row)
    check_is_parcel(state)
    episode = Episode(DECIDER, state, context)
    if state is None:
        episode.do(take_over(said, context, mark))
    else:
        change_parcel(said, episode, mark, already=already)
    return Verdict(episode.decided)


def decide_valuation(
    row: Row,
    target: Target,
    state: ParcelState | None,
    *,
    context: Context,
    mark: ImportMark,
    sealing: Sealing,
    already: bool,
    before: Mapping[str, Address],
) -> Verdict:
    """Decide on a row of the valuations: it values a known parcel, or takes the parcel over first."""
    del target, sealing, already, before  # no person is named; a valuation is told apart by amount and date
    said = read_cadastre_row(row, elsewhere=_VALUATION_FIELDS)
    given = row.value.properties
    amount = Money(minor_units(_text(given, "valuation_value")), "UAH")
    # The source's time is local and without a zone: the day is what it says for certain, the text is kept beside it.
    day = _text(given, "valuation_date")[:10]
    if len(day) != 10 or not is_moment(day):
        raise RuleViolated("valuation-form", "valuation_date begins with no real day")
    raw = tuple(Original(name, write_json(given[name])) for name in sorted(_VALUATION_FIELDS))
    check_is_parcel(state)
    episode = Episode(DECIDER, state, context)
    if state is None:
        episode.do(take_over(said, context, mark))
    elif state.valuation == Valuation(amount, day):
        return Verdict()
    else:
        raw = (*raw, *_unknown_to(state, said, row.value.properties))
    episode.do(Value(amount=amount, valid_from=day, basis=BASIS, original=raw, imported=imported(mark)))
    return Verdict(episode.decided)


def check_is_parcel(state: object) -> None:
    """Refuse a row of a number that is kept for a change and has no parcel yet; raises RuleViolated."""
    if isinstance(state, ForeseenParcel):
        raise RuleViolated("foreseen", f"the number is kept for {state.foreseen.change}")


def take_over(said: CadastreRow, context: Context, mark: ImportMark, **title: Any) -> RecordParcel:  # noqa: ANN401
    """Make the command that opens a parcel; `title` is what else is known of it."""
    return RecordParcel(
        as_of=mark.day(context.time),
        area_m2=said.area_m2,
        details=said.details,
        boundary=said.boundary,
        basis=BASIS,
        original=said.original,
        imported=imported(mark),
        **title,
    )


def change_parcel(said: CadastreRow, episode: Episode, mark: ImportMark, *, already: bool) -> None:
    """Enter what a row says otherwise than the state; raises RuleViolated where the difference has no place in it."""
    state: ParcelState = episode.state
    for name in _DETAILS:
        old, new = getattr(state.details, name), getattr(said.details, name)
        if old != new:
            episode.do(Correct(field=f"details/{name}", old=old, new=new, basis=BASIS, imported=imported(mark)))
    if state.area_m2 != said.area_m2 or state.boundary != boundary_digest(said.boundary):
        episode.do(
            CorrectBoundary(
                area_m2=said.area_m2,
                boundary=said.boundary,
                valid_from=mark.day(episode.context.time),
                basis=BASIS,
                original=said.original,
                imported=imported(mark),
            )
        )
    if already and not episode.decided:
        raise RuleViolated("change-without-place", "only fields changed that no event but `recorded` holds")


def imported(mark: ImportMark) -> Imported:
    """Give a place in an import as events carry it."""
    return Imported(mark.import_id, mark.record, mark.offset)


def _unknown_to(state: ParcelState, said: CadastreRow, given: dict[str, Any]) -> tuple[Original, ...]:
    """Keep what a valuation says of its parcel otherwise than the parcel's state."""
    kept = list(said.original)
    kept += [
        Original(name, write_json(given[name]))
        for name in _DETAILS
        if name in given and getattr(state.details, name) != getattr(said.details, name)
    ]
    if said.boundary is not None and state.boundary != boundary_digest(said.boundary):
        kept.append(Original("geometry", _geometry(said.boundary)))
    return tuple(kept)


def _geometry(boundary: Boundary) -> str:
    return f'{{"type":{write_json(boundary.kind)},"coordinates":{boundary.coordinates}}}'


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str):
        raise RuleViolated("valuation-form", f"the row has no {name}")
    return str(value)
