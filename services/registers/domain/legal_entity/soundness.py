"""What a carried state of a legal entity must be to make sense, whatever its register held."""

from collections.abc import Iterable
from typing import Any

from litopys.errors import RuleViolated
from litopys.sourcing.moments import is_before
from services.registers.domain.legal_entity.membership import Member, highest_number, holds_number, is_one_form
from services.registers.domain.legal_entity.state import EntityState


def check_state(state: EntityState) -> None:
    """Refuse a carried state that makes no sense; raises RuleViolated."""
    _check(state.edrpou is None or state.other_code is None, "a code is an EDRPOU or it is none")
    spans: tuple[tuple[Any, ...], ...] = (
        *(state.heads, state.signers, state.founders, state.beneficiaries),
        *(state.proceedings, state.terminations),
    )
    for group in spans:
        for span in group:
            _check(span.valid_to is None or not is_before(span.valid_to, span.valid_from), "it ends before it begins")
    _check_distinct(person_ids(state))
    _check_members(state.signers, state.other_signers, state.numbers.signer)
    _check_members(state.founders, state.other_founders, state.numbers.founder)
    _check_numbers([one.number for one in state.proceedings], state.numbers.proceeding)
    _check_numbers([one.number for one in state.terminations], state.numbers.termination)
    _check(state.activities.primary not in state.activities.others, "the primary activity stands among the others")
    if state.standing.status != "superseded":
        is_gone = any(one.valid_to is None for one in state.terminations)
        _check((state.standing.status == "ended") == is_gone, "what has ended says how")


def person_ids(state: EntityState) -> list[str]:
    """Give the ids of all persons whom a state lists, whenever they were what they were."""
    members = [one.id for one in (*state.signers, *state.founders)]
    return [*members, *(one.id for one in (*state.heads, *state.beneficiaries))]


def _check_members(listed: tuple[Member, ...], others: str, last: int) -> None:
    _check(is_one_form(others) and highest_number(others) <= last, "the others are no set of numbers given")
    _check(not any(holds_number(others, one.number) for one in listed), "a number stands in the list and beyond it")
    _check_numbers([one.number for one in listed], last)


def _check_numbers(numbers: list[int], last: int) -> None:
    _check_distinct(numbers)
    _check(all(number <= last for number in numbers), "a number is beyond the last one given")


def _check_distinct(names: Iterable[str | int]) -> None:
    listed = list(names)
    _check(len(set(listed)) == len(listed), "an id or a number stands twice")


def _check(is_sound: bool, reason: str) -> None:  # noqa: FBT001 - what is checked comes first, as in an assertion
    if not is_sound:
        raise RuleViolated("entity-unsound", reason)
