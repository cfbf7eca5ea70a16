"""What a record of the EDR says otherwise than the entity that is known: each difference becomes one command.

Persons stand in the state as ids; their fields are compared as this sector holds them (`Context.held`). Where they are
not held any more, or are more than a state lists, nothing is concluded and somebody has to look.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from litopys.sourcing.commands import Correct
from services.registers.domain.legal_entity import commands as c
from services.registers.domain.legal_entity.details import particulars_digest
from services.registers.domain.legal_entity.ending import WAYS_OUT
from services.registers.domain.legal_entity.state import EntityState
from services.registers.importers.edr.persons import Fields
from services.registers.importers.edr.reading import Subject
from services.registers.importers.edr.taking import (
    BASIS,
    NO_BENEFICIARY,
    Entering,
    activities_said,
    enter_begun,
    enter_beneficiaries,
    enter_cancelling,
    enter_end,
)
from services.registers.persons_behind import seal_beside

Held = Mapping[str, Fields]


def enter_changes(said: Subject, held: Held, entering: Entering) -> list[str]:
    """Enter every difference; gives what somebody should look at."""
    state: EntityState = entering.episode.state
    if state.standing.status == "ended" and said.endings.terminated is None:
        _revive(said, entering)
    _change_codes(said, entering)
    _change_details(said, entering)
    _change_particulars(said, held, entering)
    flags = [*_change_founders(said, held, entering), *_change_signers(said, held, entering)]
    flags += _change_heads(said, held, entering)
    flags += _change_beneficiaries(said, held, entering)
    _change_endings(said, entering)
    return flags


def _revive(said: Subject, entering: Entering) -> None:
    if said.endings.cancelled is not None:
        enter_cancelling(said.endings.cancelled, entering)
    else:
        entering.do(c.CancelTermination)


def _change_codes(said: Subject, entering: Entering) -> None:
    """Correct what identifies the entity; a code that passes takes the place of one that does not."""
    edrpou = said.code if said.code_is_sound else None
    other = None if said.code_is_sound else said.code
    wanted = {"record": said.record, "registered": said.registered, "edrpou": edrpou, "other_code": other}
    # What a record does not say is not unsaid by it.
    differing = {name: new for name, new in wanted.items() if new and new != getattr(entering.episode.state, name)}
    if "edrpou" in differing and entering.episode.state.other_code is not None:
        _correct(entering, "other_code", None)
    if "other_code" in differing and entering.episode.state.edrpou is not None:
        _correct(entering, "edrpou", None)
    for name, new in differing.items():
        _correct(entering, name, new)


def _correct(entering: Entering, name: str, new: str | None) -> None:
    old = getattr(entering.episode.state, name)
    entering.episode.do(Correct(field=name, old=old, new=new, basis=BASIS, imported=entering.mark))


def _change_details(said: Subject, entering: Entering) -> None:
    state: EntityState = entering.episode.state
    naming = (state.naming.name, state.naming.short_name, state.form)
    if said.name and naming != (said.name, said.short_name, said.form or state.form):
        entering.do(c.Rename, name=said.name, short_name=said.short_name, form=said.form)
    if said.address and said.address != state.address.text:
        entering.do(c.ChangeAddress, address=said.address)
    activities = activities_said(said)
    if (activities.primary, activities.others) != (state.activities.primary, state.activities.others):
        entering.do(c.ChangeActivities, activities=said.activities, primary=said.primary)
    if said.capital and (state.capital is None or state.capital.amount != said.capital):
        entering.do(c.ChangeCapital, amount=said.capital, contributed=said.contributed)
    if (said.statute, said.model_statute) != (state.statute.text, state.statute.model):
        entering.do(c.ChangeStatute, text=said.statute, model=said.model_statute)


def _change_particulars(said: Subject, held: Held, entering: Entering) -> None:
    state: EntityState = entering.episode.state
    known = dict(held.get(state.beside or "", {}))
    if state.particulars != particulars_digest(said.original) or known != dict(said.beside):
        entering.do(c.ChangeParticulars, original=said.original, beside=seal_beside(entering.sealing, said.beside))


def _change_founders(said: Subject, held: Held, entering: Entering) -> list[str]:
    """Let founders leave who are not named any more, join who are new, and have the share that is said of them."""
    state: EntityState = entering.episode.state
    if state.other_founders:
        return ["founders are more than the state lists: they were not compared"]
    present = {one.id: one.number for one in state.founders if one.valid_to is None}
    if not present.keys() <= held.keys():
        return ["a founder's fields are not held any more: founders were not compared"]
    known = {identifier: _plain(held[identifier]) for identifier in present}
    left, new = _matched(known, [_plain(one) for one in said.founders], by=("name", "edrpou"))
    changes: list[tuple[type, dict[str, Any]]] = []
    changes += [(c.LeaveFounder, {"number": present[identifier]}) for identifier in left]
    for fields, identifier in new:
        person = entering.seal(fields, known_as=identifier)
        if identifier is None:
            changes.append((c.JoinFounder, {"founder": person}))
        else:
            changes.append((c.ChangeFounderShare, {"number": present[identifier], "founder": person}))
    for place, (command, given) in enumerate(changes, start=1):
        contributed = said.contributed if place == len(changes) else None
        entering.do(command, contributed=contributed, **given)
    return []


def _change_signers(said: Subject, held: Held, entering: Entering) -> list[str]:
    """Dismiss who does not sign any more, appoint who is new; a signer of whom something else is said is both."""
    state: EntityState = entering.episode.state
    if state.other_signers:
        return ["signers are more than the state lists: they were not compared"]
    present = {one.id: one.number for one in state.signers if one.valid_to is None}
    if not present.keys() <= held.keys():
        return ["a signer's fields are not held any more: signers were not compared"]
    wanted = [*said.signers.heads[1:], *said.signers.others]
    known = {identifier: _plain(held[identifier]) for identifier in present}
    left, new = _matched(known, [_plain(fields) for fields, _ in wanted], by=("name", "role", "source"))
    since = {_key(_plain(fields), ("name", "role", "source")): day for fields, day in wanted}
    for identifier in left:
        entering.do(c.DismissSigner, number=present[identifier])
    for fields, _ in new:
        day = since[_key(fields, ("name", "role", "source"))]
        entering.do(c.AppointSigner, since=day, signer=entering.seal(fields))
    return []


def _change_heads(said: Subject, held: Held, entering: Entering) -> list[str]:
    state: EntityState = entering.episode.state
    present = [one.id for one in state.heads if one.valid_to is None]
    if not set(present) <= held.keys():
        return ["the head's fields are not held any more: heads were not compared"]
    for fields, since in said.signers.heads[:1]:
        if [_plain(held[identifier]) for identifier in present] != [_plain(fields)]:
            entering.do(c.AppointHead, since=since, head=entering.seal(fields))
    return ["the export names no head any more"] if present and not said.signers.heads else []


def _change_beneficiaries(said: Subject, held: Held, entering: Entering) -> list[str]:
    state: EntityState = entering.episode.state
    if state.other_beneficiaries:
        return ["beneficiaries are more than the state lists: they were not compared"]
    present = [one.id for one in state.beneficiaries if one.valid_to is None]
    if not set(present) <= held.keys():
        return ["a beneficiary's fields are not held any more: beneficiaries were not compared"]
    known = sorted(_key(_plain(held[identifier])) for identifier in present)
    wanted = sorted(_key(_plain(fields)) for fields in said.beneficiaries.persons)
    if known == wanted:
        return []
    if wanted or said.beneficiaries.reason is not None:
        enter_beneficiaries(said, entering)
    else:
        entering.do(c.SetBeneficiaries, reason=NO_BENEFICIARY)
    return []


def _change_endings(said: Subject, entering: Entering) -> None:
    """Begin, call off and carry through what the record tells of; an ended entity takes nothing of it any more."""
    state: EntityState = entering.episode.state
    if state.standing.status == "ended":
        return
    under_way = [one for one in state.proceedings if one.valid_to is None]
    way_out = next((one for one in under_way if one.kind in WAYS_OUT), None)
    bankruptcy = next((one for one in under_way if one.kind == "bankruptcy"), None)
    begun = said.endings.begun
    is_other = begun is None or way_out is None or begun.kind != way_out.kind
    if way_out is not None and is_other and said.endings.terminated is None:
        entering.do(c.RevokeTermination, number=way_out.number)
    if begun is not None and is_other:
        enter_begun(begun, entering)
    if said.endings.bankruptcy is not None and bankruptcy is None:
        enter_begun(said.endings.bankruptcy, entering)
    if said.endings.bankruptcy is None and bankruptcy is not None and said.endings.terminated is None:
        entering.do(c.CloseBankruptcy, number=bankruptcy.number)
    if said.endings.terminated is not None and said.endings.cancelled is None:
        enter_end(said.endings.terminated, entering)


def _matched(
    known: Mapping[str, Fields], wanted: Iterable[Fields], *, by: tuple[str, ...]
) -> tuple[list[str], list[tuple[Fields, str | None]]]:
    """Match persons by what names them; gives the ids that nobody has any more, and those who are new or changed.

    One who changed comes with the id that it has. Of several with one name each is matched once.
    """
    rest = dict(known)
    new: list[tuple[Fields, str | None]] = []
    for fields in wanted:
        same = [one for one, old in rest.items() if _key(old, by) == _key(fields, by)]
        exact = next((one for one in same if rest[one] == fields), None)
        found = exact or next(iter(same), None)
        if found is not None:
            del rest[found]
        if exact is None:
            new.append((fields, found))
    return list(rest), new


def _plain(fields: Fields) -> Fields:
    """Give a person's fields as a source could say them: the check of a code is our own."""
    return {name: value for name, value in fields.items() if name != "code_check"}


def _key(fields: Fields, names: tuple[str, ...] | None = None) -> str:
    return repr([(name, fields.get(name)) for name in names or sorted(fields)])
