"""Register rules of a legal entity: check digits, personal fields, deadlines; no validator checks them again.

What was migrated is not held against these rules: they bind the change, not what was inherited.
"""

from collections.abc import Iterable

from litopys.errors import RuleViolated
from litopys.sourcing.moments import first_second, holds_at, is_before, recorded_second
from litopys.sourcing.money import Money
from litopys.sourcing.personal import SealedPerson
from services.registers.domain.legal_entity.commands import Register, Terminate
from services.registers.domain.legal_entity.ending import BY_COURT, WAYS_OUT
from services.registers.domain.legal_entity.state import Capital, EntityState, FoundersTotal

_REORGANISED = WAYS_OUT - {"liquidation"}


def check_registration(command: Register, time: str) -> None:
    """Refuse a new entity whose code fails its check, or that would begin to exist after it is entered."""
    if not command.code_is_sound:
        raise RuleViolated("edrpou-check", "the EDRPOU fails its check, or stands for none")
    check_not_yet(command.valid_from, time)


def check_not_yet(valid_from: str, time: str) -> None:
    """Refuse a beginning or an end of existence that lies ahead."""
    if first_second(valid_from) > recorded_second(time):
        raise RuleViolated("not-yet", "an entity begins and ends not before that day has come")


def check_named(persons: Iterable[SealedPerson]) -> None:
    """Refuse persons without a name, or one person named twice by a code that passes its check."""
    listed = list(persons)
    if any(person.fields.get("name") is None for person in listed):
        raise RuleViolated("person-unnamed", "a person behind an entity has a name")
    codes = [person.fields["code"] for person in listed if person.fields.get("code_check") == "valid"]
    if len(set(codes)) != len(codes):
        raise RuleViolated("named-twice", "one person is named twice")


def check_termination(command: Terminate, state: EntityState, time: str) -> None:
    """Refuse an end that an officer may not enter yet: before its day, before claims are in, past a court."""
    if command.imported is not None:
        return
    check_not_yet(command.valid_from, time)
    begun = [one for one in state.proceedings if holds_at(one.valid_from, one.valid_to, command.valid_from)]
    if command.ground in _REORGANISED and not any(one.kind == command.ground for one in begun):
        raise RuleViolated("reorganisation-missing", "an entity ends by a reorganisation that was begun")
    if command.ground not in BY_COURT and any(one.kind == "bankruptcy" for one in begun):
        raise RuleViolated("under-bankruptcy", "in the midst of a bankruptcy a court alone ends the entity")
    waiting = [one.claims_until for one in begun if one.kind == command.ground and one.claims_until is not None]
    if any(is_before(command.valid_from, until) for until in waiting):
        raise RuleViolated("claims-open", "creditors may still claim at that time")


def founders_total(contributed: Money | None, capital: Capital | Money | None) -> FoundersTotal:
    """Say whether contributions add up to a capital. Where they do not, it is flagged and never refused."""
    amount = capital.amount if isinstance(capital, Capital) else capital
    if contributed is None or amount is None or contributed.currency != amount.currency:
        return "unknown"
    return "agrees" if contributed.minor == amount.minor else "differs"
