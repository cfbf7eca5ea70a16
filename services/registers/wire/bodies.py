"""One body for each command; `command` makes the domain's command of it. Every body has an example."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from litopys.service.wire.bodies import Body, example
from litopys.service.wire.parts import BasisPart, IdText, LineText, MomentText, MoneyPart, NumberField
from services.registers.domain.land_parcel import commands as c
from services.registers.wire.parts import (
    AreaField,
    BoundaryPart,
    DetailsPart,
    OwnersField,
    PersonPart,
)

_CONTRACT = {"kind": "contract", "document": "договір, реєстраційний номер 1482", "issued": "2026-02-27"}
_COURT = {"kind": "court", "document": "рішення у справі 534/117/26", "issued": "2026-02-11"}
_APPLICATION = {"kind": "application", "document": "заява 60718", "issued": "2026-02-28"}
_PERSON = {"kind": "natural", "name": "Приклад Олена Іванівна", "code": "9900000001"}
_BANK = {"kind": "legal", "name": "АТ «Банк-Приклад»", "code": "99000015"}
_OWNERS = [{"share": "1/1", "persons": [_PERSON]}]
_SINCE = "2026-03-01"

GroundField = Literal["sale", "gift", "exchange", "privatisation", "contribution", "enforcement", "court", "succession"]
ConsentsField = Annotated[
    tuple[NumberField, ...],
    Field(max_length=12, strict=False, description="Versions of the mortgagees' consents that the transfer uses"),
]


class ParcelBody(Body):
    """Take a parcel over from the register that held it, with its title if it has one."""

    model_config = example(
        as_of=_SINCE, area_m2=34800, details={"purpose_code": "01.01", "ownership": "private"}, basis=_APPLICATION
    )
    makes = c.RecordParcel
    as_of: MomentText
    area_m2: AreaField
    details: DetailsPart
    basis: BasisPart
    boundary: BoundaryPart | None = None
    owners: Annotated[OwnersField, Field(min_length=0, max_length=32)] = ()
    owned_since: MomentText | None = None
    registrar: LineText | None = None
    registered: MomentText | None = None


class BoundaryBody(Body):
    """Enter a new measurement."""

    model_config = example(area_m2=34810, boundary=None, valid_from=_SINCE, basis=_APPLICATION)
    makes = c.CorrectBoundary
    area_m2: AreaField
    boundary: BoundaryPart | None = None
    valid_from: MomentText
    basis: BasisPart


class ValuationBody(Body):
    """Enter a normative valuation."""

    model_config = example(amount={"minor": 10191409, "currency": "UAH"}, valid_from=_SINCE, basis=_APPLICATION)
    makes = c.Value
    amount: MoneyPart
    valid_from: MomentText
    basis: BasisPart


class TitleBody(Body):
    """Enter the first title; the shares add up to 1."""

    model_config = example(owners=_OWNERS, valid_from=_SINCE, basis=_APPLICATION)
    makes = c.RegisterTitle
    owners: OwnersField
    valid_from: MomentText
    basis: BasisPart


class TransferBody(Body):
    """Propose that the whole title passes on; another person approves."""

    model_config = example(owners=_OWNERS, ground="sale", valid_from=_SINCE, basis=_CONTRACT, consents=[])
    makes = c.TransferTitle
    owners: OwnersField
    ground: GroundField
    valid_from: MomentText
    basis: BasisPart
    consents: ConsentsField = ()


class ShareBody(Body):
    """Propose that a holder's share, or a part of it, passes on; another person approves."""

    model_config = example(
        holder="0f8fad5bd9cb469fa16570867728950e",
        owners=[{"share": "1/3", "persons": [_PERSON]}],
        ground="gift",
        valid_from=_SINCE,
        basis=_CONTRACT,
    )
    makes = c.TransferShare
    holder: IdText
    owners: OwnersField
    ground: GroundField
    valid_from: MomentText
    basis: BasisPart
    consents: ConsentsField = ()


class InheritanceBody(Body):
    """Propose that a holder's whole share passes to heirs; another person approves."""

    model_config = example(
        holder="0f8fad5bd9cb469fa16570867728950e",
        owners=_OWNERS,
        valid_from=_SINCE,
        basis={"kind": "succession", "document": "свідоцтво про право на спадщину 311"},
    )
    makes = c.Inherit
    holder: IdText
    owners: OwnersField
    valid_from: MomentText
    basis: BasisPart


class UseRightBody(Body):
    """Enter a right of use; without area, of the whole parcel."""

    model_config = example(kind="lease", holder=_BANK, valid_from=_SINCE, valid_to="2033-03-01", basis=_CONTRACT)
    makes = c.RegisterUseRight
    kind: Literal["lease", "emphyteusis", "superficies", "permanent_use", "servitude"]
    holder: PersonPart
    valid_from: MomentText
    basis: BasisPart
    valid_to: MomentText | None = None
    area_m2: AreaField | None = None


class MortgageBody(Body):
    """Enter a mortgage; without holders, by all who hold the title."""

    model_config = example(
        mortgagee=_BANK, amount={"minor": 25000000, "currency": "UAH"}, valid_from=_SINCE, basis=_CONTRACT
    )
    makes = c.MortgageParcel
    mortgagee: PersonPart
    valid_from: MomentText
    basis: BasisPart
    holders: Annotated[tuple[IdText, ...], Field(max_length=32, strict=False)] = ()
    amount: MoneyPart | None = None
    valid_to: MomentText | None = None


class ConsentBody(Body):
    """Enter a mortgagee's consent to one transfer."""

    model_config = example(mortgage=1, valid_from=_SINCE, valid_to="2026-06-01", basis=_APPLICATION)
    makes = c.ConsentToTransfer
    mortgage: NumberField
    valid_from: MomentText
    basis: BasisPart
    valid_to: MomentText | None = None


class SeizureBody(Body):
    """Enter a seizure."""

    model_config = example(authority="Козельщинський районний суд", valid_from=_SINCE, basis=_COURT)
    makes = c.ImposeSeizure
    authority: LineText
    valid_from: MomentText
    basis: BasisPart
    valid_to: MomentText | None = None


class EndBody(Body):
    """Enter the end of something numbered."""

    model_config = example(number=1, valid_from=_SINCE, basis=_APPLICATION)
    makes: ClassVar[type[object]] = c.EndUseRight
    number: NumberField
    valid_from: MomentText
    basis: BasisPart


class ReleaseBody(EndBody):
    """Enter the end of a mortgage."""

    makes = c.ReleaseMortgage


class LiftBody(EndBody):
    """Propose that a seizure ends; another person approves."""

    makes = c.LiftSeizure


class ClosingBody(Body):
    """End the parcel's record."""

    model_config = example(reason="скасування державної реєстрації", valid_from=_SINCE, basis=_COURT)
    makes = c.Close
    reason: LineText
    valid_from: MomentText
    basis: BasisPart
