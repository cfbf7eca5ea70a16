"""What a record of the EDR amounts to: an entity taken over, or what changed in one that is known."""

from collections.abc import Mapping, Sequence
from typing import Any

from litopys.exports.rows import Row
from litopys.postgres.sector_changes import Address
from litopys.service.codes import check_edrpou
from litopys.service.imports.importer import ImportMark, Target, Verdict
from litopys.service.sealing import Sealing
from litopys.sourcing.common import Imported
from litopys.sourcing.context import Context
from litopys.sourcing.episode import Episode
from litopys.sourcing.moments import is_before
from services.registers.domain.legal_entity.decide import DECIDER
from services.registers.domain.legal_entity.state import EntityState
from services.registers.importers.edr.comparing import enter_changes
from services.registers.importers.edr.reading import Subject, read_subject, record_of
from services.registers.importers.edr.taking import Entering, take_over
from services.registers.importers.edr.texts import text_or_none


def targets(row: Row) -> Sequence[Target]:
    """Tell which entity a record is about: by its record number, and where none has it, by its EDRPOU."""
    given: dict[str, Any] = row.value
    record = record_of(given)
    code = text_or_none(given.get("EDRPOU"))
    is_sound = code is not None and check_edrpou(code) == "valid"
    found_by = ("edrpou", code) if code is not None and is_sound else ("record", record)
    return (Target(record, "legal_entity", found_by=found_by),)


def decide_subject(
    row: Row,
    target: Target,
    state: EntityState | None,
    *,
    context: Context,
    mark: ImportMark,
    sealing: Sealing,
    already: bool,
    before: Mapping[str, Address],
) -> Verdict:
    """Decide on one record."""
    del target, already, before  # a record is about one entity, and compared with it whatever was imported before
    said = read_subject(row.value)
    as_of = mark.day(context.time)
    entering = Entering(
        episode=Episode(DECIDER, state, context),
        sealing=sealing,
        mark=Imported(mark.import_id, mark.record, mark.offset),
        as_of=as_of,
        since=_since(said, as_of),
    )
    if state is None:
        take_over(said, entering)
        return Verdict(entering.episode.decided, said.flags)
    doubts = enter_changes(said, context.held, entering)
    return Verdict(entering.episode.decided, (*said.flags, *doubts))


def _since(said: Subject, as_of: str) -> str:
    """Give the day of the export, or the entity's last day where that was before."""
    gone = said.endings.terminated
    return gone.day if gone is not None and gone.day is not None and is_before(gone.day, as_of) else as_of
