"""From what a subject of the EDR says to commands: an entity taken over whole, its persons one by one, then its end."""

import dataclasses
from collections.abc import Iterable
from typing import Any, Final

from litopys.service.sealing import Sealing
from litopys.sourcing.common import Basis, Imported
from litopys.sourcing.episode import Episode
from litopys.sourcing.money import Money
from services.registers.domain.legal_entity import commands as c
from services.registers.domain.legal_entity.details import activities_of
from services.registers.domain.legal_entity.events import MOST_AT_ONCE, ActivitiesChanged
from services.registers.domain.legal_entity.register_rules import founders_total
from services.registers.domain.legal_entity.state import Activities, Address, Capital, Naming, Statute
from services.registers.importers.edr.endings import Begun, Gone
from services.registers.importers.edr.persons import Fields
from services.registers.importers.edr.reading import Subject
from services.registers.persons_behind import seal_behind, seal_beside

SOURCE: Final = "Єдиний державний реєстр юридичних осіб, фізичних осіб-підприємців та громадських формувань"
BASIS: Final = Basis("migration", SOURCE, None)
# A text in place of beneficiaries may name persons: the event says that there is one, a disclosure what it is.
NO_BENEFICIARY: Final = "обґрунтована причина відсутності, зазначена в реєстрі"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Entering:
    """The entering of one record: the episode that takes the commands, and what all of them have in common."""

    episode: Episode
    sealing: Sealing
    mark: Imported
    as_of: str
    since: str
    """Since when that counts of which the record says no day: the export's day, or the entity's last."""

    def do(self, command: type, /, *, since: str | None = None, **given: Any) -> None:  # noqa: ANN401 - a command's fields
        """Do a command; it holds since a day, or since what the record allows where it says no day."""
        valid_from = since or self.since
        self.episode.do(command(valid_from=valid_from, basis=BASIS, imported=self.mark, **given))

    def seal(self, fields: Fields, *, known_as: str | None = None) -> Any:  # noqa: ANN401 - a sealed person
        """Seal a person."""
        return seal_behind(self.sealing, fields, known_as=known_as)


def take_over(said: Subject, entering: Entering) -> None:
    """Enter an entity that nobody knew: its state, its persons, its end."""
    total = founders_total(said.contributed, said.capital)
    entering.episode.do(
        c.RecordEntity(
            as_of=entering.as_of,
            code=said.code,
            code_is_sound=said.code_is_sound,
            record=said.record,
            form=said.form,
            registered=said.registered,
            naming=Naming(said.name, said.short_name, None),
            address=Address(said.address, None, None, None),
            activities=activities_said(said),
            capital=None if said.capital is None else Capital(said.capital, total, None),
            statute=Statute(said.statute, said.model_statute, None),
            original=said.original,
            beside=seal_beside(entering.sealing, said.beside),
            basis=BASIS,
            imported=entering.mark,
        )
    )
    enter_founders(said.founders, said.contributed, entering)
    enter_beneficiaries(said, entering)
    for head, since in said.signers.heads[:1]:
        entering.do(c.AppointHead, since=since, head=entering.seal(head))
    for signer, since in (*said.signers.heads[1:], *said.signers.others):
        entering.do(c.AppointSigner, since=since, signer=entering.seal(signer))
    enter_endings(said, entering)


def activities_said(said: Subject) -> Activities:
    """Give the kinds of activity as a state holds them; since when is not said."""
    event = ActivitiesChanged(said.activities, said.primary, "0001", BASIS, None)
    return dataclasses.replace(activities_of(event), valid_from=None)


def enter_founders(founders: Iterable[Fields], total: Money | None, entering: Entering) -> None:
    """Enter founders one by one; the last one says whether all of them add up to the capital."""
    listed = list(founders)
    for place, founder in enumerate(listed, start=1):
        contributed = total if place == len(listed) else None
        entering.do(c.JoinFounder, founder=entering.seal(founder), contributed=contributed)


def enter_beneficiaries(said: Subject, entering: Entering) -> None:
    """Enter the beneficiaries, or that there is none."""
    persons = said.beneficiaries.persons[:MOST_AT_ONCE]
    if persons:
        entering.do(c.SetBeneficiaries, beneficiaries=tuple(entering.seal(one) for one in persons))
    elif said.beneficiaries.reason is not None:
        entering.do(c.SetBeneficiaries, reason=NO_BENEFICIARY)


def enter_endings(said: Subject, entering: Entering) -> None:
    """Enter what was begun, and the end with its cancelling."""
    endings = said.endings
    enter_begun(endings.begun, entering)
    enter_begun(endings.bankruptcy, entering)
    if endings.terminated is not None:
        enter_end(endings.terminated, entering)
        if endings.cancelled is not None:
            enter_cancelling(endings.cancelled, entering)


def enter_begun(begun: Begun | None, entering: Entering) -> None:
    """Enter a liquidation, a reorganisation or a bankruptcy."""
    if begun is None:
        return
    person = begun.in_charge and entering.seal(begun.in_charge)
    if begun.kind == "bankruptcy":
        entering.do(c.OpenBankruptcy, since=begun.day, manager=person)
    elif begun.kind == "liquidation":
        entering.do(c.DecideTermination, since=begun.day, claims_until=begun.claims_until, commission=person)
    else:
        claims = {"claims_until": begun.claims_until, "commission": person}
        entering.do(c.StartReorganisation, since=begun.day, kind=begun.kind, **claims)


def enter_end(gone: Gone, entering: Entering) -> None:
    """Enter the end."""
    entering.episode.do(
        c.Terminate(
            ground=gone.ground,
            valid_from=gone.day or entering.as_of,
            basis=_basis(gone),
            imported=entering.mark,
        )
    )


def enter_cancelling(cancelled: Gone, entering: Entering) -> None:
    """Enter that the end was cancelled."""
    entering.episode.do(
        c.CancelTermination(valid_from=cancelled.day or entering.as_of, basis=_basis(cancelled), imported=entering.mark)
    )


def _basis(gone: Gone) -> Basis:
    return BASIS if gone.number is None else dataclasses.replace(BASIS, document=f"{SOURCE}, запис {gone.number}")
