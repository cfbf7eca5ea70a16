"""Bodies of the commands on legal entities."""

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from litopys.service.codes import check_edrpou
from litopys.service.sealing import Sealing
from litopys.service.wire.bodies import Body, common_bodies, example
from litopys.service.wire.parts import BasisPart, LineText, MomentText, MoneyPart, NumberField, ShortLine
from litopys.sourcing.common import Imported
from services.registers.domain.legal_entity import commands as c
from services.registers.domain.legal_entity.evolve import LEGAL_ENTITY
from services.registers.domain.legal_entity.state import Activities, Address, Capital, Naming, Statute
from services.registers.persons_behind import seal_beside
from services.registers.wire.entity_parts import (
    ActivityPart,
    ActivityText,
    AddressText,
    BehindPart,
    CodeText,
    EdrpouText,
    KatottgText,
    KnownFounderPart,
    KoatuuText,
    NameText,
    RecordText,
    ShortNameText,
)

KEY_EXAMPLE: Final = "0f8fad5bd9cb469fa16570867728950e"
_APPLICATION = {"kind": "application", "document": "заява 60718", "issued": "2026-02-28"}
_COURT = {"kind": "court", "document": "ухвала у справі 914/117/26", "issued": "2026-02-11"}
_PERSON = {"kind": "natural", "name": "Приклад Олена Іванівна", "country": "Україна", "code": "9900000001"}
_MONEY = {"minor": 10000000, "currency": "UAH"}
_SINCE = "2026-03-01"

OthersField = Annotated[tuple[NameText, ...], Field(max_length=64, strict=False)]
SumField = Annotated[MoneyPart, Field(description="What the contributions of all founders come to then")]


class EntityRecordBody(Body):
    """Take an entity over from the register that held it; its persons follow by commands of their own."""

    model_config = example(
        as_of=_SINCE, code="99000011", record="10974953", name="ТОВ «ПРИКЛАД»", basis=_APPLICATION, registered="2013"
    )
    makes = c.RecordEntity
    as_of: MomentText
    basis: BasisPart
    code: CodeText | None = None
    record: RecordText | None = None
    form: ShortLine | None = None
    registered: MomentText | None = None
    name: NameText | None = None
    short_name: ShortNameText | None = None
    address: AddressText | None = None
    katottg: KatottgText | None = None
    koatuu: KoatuuText | None = None
    statute: ShortNameText | None = None
    capital: MoneyPart | None = None
    contacts: LineText | None = None

    def command(self, sealing: Sealing, imported: Imported | None = None) -> object:
        """Make the domain's command; the code is checked here, and kept as a text where it fails."""
        return c.RecordEntity(
            as_of=self.as_of,
            code=self.code,
            code_is_sound=self.code is not None and check_edrpou(self.code) == "valid",
            record=self.record,
            form=self.form,
            registered=self.registered,
            naming=Naming(self.name, self.short_name, None),
            address=Address(self.address, self.katottg, self.koatuu, None),
            activities=Activities(None, (), None),
            capital=None if self.capital is None else Capital(self.capital.plain(), "unknown", None),
            statute=Statute(self.statute, None, None),
            beside=seal_beside(sealing, {"contacts": self.contacts}),
            basis=self.basis.plain(),
            imported=imported,
        )


class RegistrationBody(Body):
    """Register a new entity; its founders, head and signers follow by commands of their own."""

    model_config = example(edrpou="99000011", name="ТОВ «ПРИКЛАД»", valid_from=_SINCE, basis=_APPLICATION)
    makes = c.Register
    edrpou: EdrpouText
    name: NameText
    valid_from: MomentText
    basis: BasisPart
    record: RecordText | None = None
    form: ShortLine | None = None
    short_name: ShortNameText | None = None
    address: AddressText | None = None
    katottg: KatottgText | None = None
    contacts: LineText | None = None

    def command(self, sealing: Sealing, imported: Imported | None = None) -> object:
        """Make the domain's command; whether the code passes its check is found out here."""
        given: dict[str, Any] = self.model_dump(exclude={"contacts", "basis"})
        return c.Register(
            code_is_sound=check_edrpou(self.edrpou) == "valid",
            beside=seal_beside(sealing, {"contacts": self.contacts}),
            basis=self.basis.plain(),
            imported=imported,
            **given,
        )


class RenamingBody(Body):
    """Enter a new name."""

    model_config = example(name="ТОВ «ВЗІРЕЦЬ»", valid_from=_SINCE, basis=_APPLICATION)
    makes = c.Rename
    name: NameText
    valid_from: MomentText
    basis: BasisPart
    short_name: ShortNameText | None = None
    form: ShortLine | None = None


class AddressBody(Body):
    """Enter a new address."""

    model_config = example(
        address="місто Вигадане, вул. Уявна, 1", katottg="UA99000000000000001", valid_from=_SINCE, basis=_APPLICATION
    )
    makes = c.ChangeAddress
    address: AddressText
    valid_from: MomentText
    basis: BasisPart
    katottg: KatottgText | None = None
    koatuu: KoatuuText | None = None


class ActivitiesBody(Body):
    """Enter all kinds of activity, and which is the primary one."""

    model_config = example(
        activities=[{"code": "62.01", "name": "Комп'ютерне програмування"}],
        primary="62.01",
        valid_from=_SINCE,
        basis=_APPLICATION,
    )
    makes = c.ChangeActivities
    activities: Annotated[tuple[ActivityPart, ...], Field(max_length=100, strict=False)]
    primary: ActivityText | None = None
    valid_from: MomentText
    basis: BasisPart


class CapitalBody(Body):
    """Enter a new capital; founders' contributions that do not add up to it are flagged, not refused."""

    model_config = example(amount=_MONEY, contributed=_MONEY, valid_from=_SINCE, basis=_APPLICATION)
    makes = c.ChangeCapital
    amount: MoneyPart
    valid_from: MomentText
    basis: BasisPart
    contributed: SumField | None = None


class StatuteBody(Body):
    """Enter the document on which the entity acts."""

    model_config = example(text="статут", valid_from=_SINCE, basis=_APPLICATION)
    makes = c.ChangeStatute
    text: ShortNameText | None = None
    model: CodeText | None = None
    valid_from: MomentText
    basis: BasisPart


class ContactsBody(Body):
    """Enter contacts; they are closed."""

    model_config = example(contacts="+380000000000", valid_from=_SINCE, basis=_APPLICATION)
    makes = c.ChangeParticulars
    contacts: LineText
    valid_from: MomentText
    basis: BasisPart

    def command(self, sealing: Sealing, imported: Imported | None = None) -> object:
        """Make the domain's command."""
        return c.ChangeParticulars(
            beside=seal_beside(sealing, {"contacts": self.contacts}),
            valid_from=self.valid_from,
            basis=self.basis.plain(),
            imported=imported,
        )


class HeadBody(Body):
    """Enter a new head, in the place of whoever was it."""

    model_config = example(head={**_PERSON, "role": "директор"}, valid_from=_SINCE, basis=_APPLICATION)
    makes = c.AppointHead
    head: BehindPart
    valid_from: MomentText
    basis: BasisPart


class SignerBody(Body):
    """Enter somebody who may sign for the entity."""

    model_config = example(signer={**_PERSON, "role": "підписант"}, valid_from=_SINCE, basis=_APPLICATION)
    makes = c.AppointSigner
    signer: BehindPart
    valid_from: MomentText
    basis: BasisPart
    valid_to: MomentText | None = None


class NumberedBody(Body):
    """Enter the end of something numbered."""

    model_config = example(number=1, valid_from=_SINCE, basis=_APPLICATION)
    makes: ClassVar[type[object]] = c.DismissSigner
    number: NumberField
    valid_from: MomentText
    basis: BasisPart


class DismissalBody(NumberedBody):
    """Enter that somebody signs no longer."""


class RevocationBody(NumberedBody):
    """Call a liquidation or a reorganisation off."""

    makes = c.RevokeTermination


class BankruptcyClosingBody(NumberedBody):
    """Enter that a bankruptcy case was closed."""

    makes = c.CloseBankruptcy


class FounderBody(Body):
    """Enter one founder."""

    model_config = example(
        founder={**_PERSON, "share": "1/1", "contribution": _MONEY},
        contributed=_MONEY,
        valid_from=_SINCE,
        basis=_APPLICATION,
    )
    makes = c.JoinFounder
    founder: BehindPart
    valid_from: MomentText
    basis: BasisPart
    contributed: SumField | None = None


class FounderLeavingBody(NumberedBody):
    """Enter that a founder is none any more."""

    makes = c.LeaveFounder
    contributed: SumField | None = None


class FounderShareBody(Body):
    """Enter a founder's new share; all that is said of the founder stands anew."""

    model_config = example(
        number=1, founder={**_PERSON, "id": KEY_EXAMPLE, "share": "1/2"}, valid_from=_SINCE, basis=_APPLICATION
    )
    makes = c.ChangeFounderShare
    number: NumberField
    founder: KnownFounderPart
    valid_from: MomentText
    basis: BasisPart
    contributed: SumField | None = None


class BeneficiariesBody(Body):
    """Enter all ultimate beneficial owners, or the reason why there is none."""

    model_config = example(beneficiaries=[{**_PERSON, "share": "100 %"}], valid_from=_SINCE, basis=_APPLICATION)
    makes = c.SetBeneficiaries
    beneficiaries: Annotated[tuple[BehindPart, ...], Field(max_length=64, strict=False)] = ()
    reason: LineText | None = None
    valid_from: MomentText
    basis: BasisPart


class ReorganisationBody(Body):
    """Enter the decision to reorganise."""

    model_config = example(kind="accession", others=["99000011"], valid_from=_SINCE, basis=_APPLICATION)
    makes = c.StartReorganisation
    kind: Literal["merger", "accession", "division", "spin_off", "transformation"]
    others: OthersField = ()
    commission: BehindPart | None = None
    claims_until: MomentText | None = None
    valid_from: MomentText
    basis: BasisPart


class BankruptcyBody(Body):
    """Enter that a court opened a bankruptcy case."""

    model_config = example(manager={**_PERSON, "role": "арбітражний керуючий"}, valid_from=_SINCE, basis=_COURT)
    makes = c.OpenBankruptcy
    manager: BehindPart | None = None
    valid_from: MomentText
    basis: BasisPart


class LiquidationBody(Body):
    """Enter the decision to liquidate, and until when creditors claim."""

    model_config = example(claims_until="2026-05-01", valid_from=_SINCE, basis=_APPLICATION)
    makes = c.DecideTermination
    commission: BehindPart | None = None
    claims_until: MomentText | None = None
    valid_from: MomentText
    basis: BasisPart


class TerminationBody(Body):
    """Enter the end of the entity."""

    model_config = example(ground="liquidation", valid_from=_SINCE, basis=_APPLICATION)
    makes = c.Terminate
    ground: Literal["liquidation", "merger", "accession", "division", "transformation", "bankruptcy", "court", "other"]
    successors: OthersField = ()
    valid_from: MomentText
    basis: BasisPart


class CancellingBody(Body):
    """Propose that the entry of the end is cancelled; another person approves."""

    model_config = example(valid_from=_SINCE, basis=_COURT)
    makes = c.CancelTermination
    valid_from: MomentText
    basis: BasisPart


ENTITY_BODIES: Final[dict[str, type[Body]]] = {
    "record": EntityRecordBody,
    "register": RegistrationBody,
    "rename": RenamingBody,
    "change-address": AddressBody,
    "change-activities": ActivitiesBody,
    "change-capital": CapitalBody,
    "change-statute": StatuteBody,
    "change-contacts": ContactsBody,
    "appoint-head": HeadBody,
    "appoint-signer": SignerBody,
    "dismiss-signer": DismissalBody,
    "join-founder": FounderBody,
    "leave-founder": FounderLeavingBody,
    "change-founder-share": FounderShareBody,
    "set-beneficiaries": BeneficiariesBody,
    "start-reorganisation": ReorganisationBody,
    "open-bankruptcy": BankruptcyBody,
    "close-bankruptcy": BankruptcyClosingBody,
    "decide-termination": LiquidationBody,
    "revoke-termination": RevocationBody,
    "terminate": TerminationBody,
    "cancel-termination": CancellingBody,
    **common_bodies(
        LEGAL_ENTITY,
        key_pattern="[0-9a-f]{32}",
        key_example="1f8fad5bd9cb469fa16570867728950e",
        correction={"field": "naming/short_name", "old": "ТОВ «ПРИКЛАД»", "new": "ТОВ «ПРИКЛАДИ»"},
    ),
}
