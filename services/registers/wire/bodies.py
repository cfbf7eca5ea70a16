"""One body for each command; `command` makes the domain's command of it. Every body has an example."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from litopys.errors import Malformed
from litopys.service.sealing import Sealing
from litopys.sourcing.shapes import shape_of
from services.registers.domain.land_parcel import commands as c
from services.registers.domain.land_parcel.state import ParcelState
from services.registers.wire.parts import (
    AreaField,
    BasisPart,
    BoundaryPart,
    CadastralText,
    DetailsPart,
    IdText,
    LineText,
    MomentText,
    MoneyPart,
    NumberField,
    OwnersField,
    Part,
    PersonPart,
    seal_owners,
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


def _example(**body: Any) -> ConfigDict:  # noqa: ANN401 - any JSON value
    return ConfigDict(json_schema_extra={"examples": [body]})


class Body(Part):
    """A command's body."""

    makes: ClassVar[type[object]]

    def command(self, sealing: Sealing) -> object:
        """Make the domain's command, personal fields sealed."""
        given = {name: _plain(getattr(self, name), sealing) for name in type(self).model_fields}
        return self.makes(**given)


class ParcelBody(Body):
    """Take a parcel over from the register that held it, with its title if it has one."""

    model_config = _example(
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

    model_config = _example(area_m2=34810, boundary=None, valid_from=_SINCE, basis=_APPLICATION)
    makes = c.CorrectBoundary
    area_m2: AreaField
    boundary: BoundaryPart | None = None
    valid_from: MomentText
    basis: BasisPart


class ValuationBody(Body):
    """Enter a normative valuation."""

    model_config = _example(amount={"minor": 10191409, "currency": "UAH"}, valid_from=_SINCE, basis=_APPLICATION)
    makes = c.Value
    amount: MoneyPart
    valid_from: MomentText
    basis: BasisPart


class TitleBody(Body):
    """Enter the first title; the shares add up to 1."""

    model_config = _example(owners=_OWNERS, valid_from=_SINCE, basis=_APPLICATION)
    makes = c.RegisterTitle
    owners: OwnersField
    valid_from: MomentText
    basis: BasisPart


class TransferBody(Body):
    """Propose that the whole title passes on; another person approves."""

    model_config = _example(owners=_OWNERS, ground="sale", valid_from=_SINCE, basis=_CONTRACT, consents=[])
    makes = c.TransferTitle
    owners: OwnersField
    ground: GroundField
    valid_from: MomentText
    basis: BasisPart
    consents: ConsentsField = ()


class ShareBody(Body):
    """Propose that a holder's share, or a part of it, passes on; another person approves."""

    model_config = _example(
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

    model_config = _example(
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

    model_config = _example(kind="lease", holder=_BANK, valid_from=_SINCE, valid_to="2033-03-01", basis=_CONTRACT)
    makes = c.RegisterUseRight
    kind: Literal["lease", "emphyteusis", "superficies", "permanent_use", "servitude"]
    holder: PersonPart
    valid_from: MomentText
    basis: BasisPart
    valid_to: MomentText | None = None
    area_m2: AreaField | None = None


class MortgageBody(Body):
    """Enter a mortgage; without holders, by all who hold the title."""

    model_config = _example(
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

    model_config = _example(mortgage=1, valid_from=_SINCE, valid_to="2026-06-01", basis=_APPLICATION)
    makes = c.ConsentToTransfer
    mortgage: NumberField
    valid_from: MomentText
    basis: BasisPart
    valid_to: MomentText | None = None


class SeizureBody(Body):
    """Enter a seizure."""

    model_config = _example(authority="Козельщинський районний суд", valid_from=_SINCE, basis=_COURT)
    makes = c.ImposeSeizure
    authority: LineText
    valid_from: MomentText
    basis: BasisPart
    valid_to: MomentText | None = None


class EndBody(Body):
    """Enter the end of something numbered."""

    model_config = _example(number=1, valid_from=_SINCE, basis=_APPLICATION)
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


class DivisionBody(Body):
    """End the parcel: it became others."""

    model_config = _example(
        into=["5322081200:00:001:0101", "5322081200:00:001:0102"], valid_from=_SINCE, basis=_APPLICATION
    )
    makes = c.Divide
    into: Annotated[tuple[CadastralText, ...], Field(min_length=2, max_length=64, strict=False)]
    valid_from: MomentText
    basis: BasisPart


class MergerBody(Body):
    """End the parcel: it became part of another."""

    model_config = _example(into="5322081200:00:001:0101", valid_from=_SINCE, basis=_APPLICATION)
    makes = c.Merge
    into: CadastralText
    valid_from: MomentText
    basis: BasisPart


class ClosingBody(Body):
    """End the parcel's record."""

    model_config = _example(reason="скасування державної реєстрації", valid_from=_SINCE, basis=_COURT)
    makes = c.Close
    reason: LineText
    valid_from: MomentText
    basis: BasisPart


Scalar = Annotated[str, Field(max_length=700)] | Annotated[int, Field(gt=-(2**53), lt=2**53)] | bool | None


class CorrectionBody(Body):
    """Propose that a clerical error is put right: path of the field, what stands, what should stand."""

    model_config = _example(field="details/purpose_code", old="01.01", new="01.03", basis=_APPLICATION)
    makes = c.Correct
    field: Annotated[str, Field(max_length=200, pattern=r"^[a-z][a-z0-9_]*(/[A-Za-z0-9_]+)*$")]
    old: Scalar
    new: Scalar
    basis: BasisPart


class AnnulmentBody(Body):
    """Propose to undo everything from a version on, or from a moment on (then say what state results)."""

    model_config = _example(from_version=4, by="court", basis=_COURT)
    makes = c.Annul
    by: Literal["court", "registrar"]
    basis: BasisPart
    from_version: NumberField | None = None
    from_moment: MomentText | None = None
    state: Annotated[dict[str, Any], Field(description="As a query for a recorded time gives it")] | None = None

    def command(self, sealing: Sealing) -> object:
        """Make the domain's command; raises Malformed where the state is none."""
        del sealing  # an annulment names no new person
        return c.Annul(
            by=self.by,
            basis=self.basis.plain(),
            from_version=self.from_version,
            from_moment=self.from_moment,
            state=_state(self.state),
        )


class ReinstatementBody(Body):
    """Propose that an ended parcel lives again, as it was unless another state is given."""

    model_config = _example(by="court", basis=_COURT)
    makes = c.Reinstate
    by: Literal["court", "registrar"]
    basis: BasisPart
    state: Annotated[dict[str, Any], Field(description="As a query for a recorded time gives it")] | None = None

    def command(self, sealing: Sealing) -> object:
        """Make the domain's command; raises Malformed where the state is none."""
        del sealing  # a reinstatement names no new person
        return c.Reinstate(by=self.by, basis=self.basis.plain(), state=_state(self.state))


class SupersessionBody(Body):
    """Propose that another stream takes this one's place: both were one parcel."""

    model_config = _example(by="land_parcel:5322081200:00:001:0101", basis=_APPLICATION)
    makes = c.Supersede
    by: Annotated[str, Field(pattern=r"^land_parcel:[0-9]{10}:[0-9]{2}:[0-9]{3}:[0-9]{4}$")]
    basis: BasisPart


class ApprovalBody(Body):
    """Agree with what another person proposed: it takes effect at once."""

    model_config = _example(proposal=3)
    makes = c.Approve
    proposal: NumberField


def _plain(value: Any, sealing: Sealing) -> Any:  # noqa: ANN401 - parts of every kind
    if isinstance(value, PersonPart):
        return value.seal(sealing)
    if isinstance(value, tuple) and value and hasattr(value[0], "seal"):
        return seal_owners(value, sealing)
    return value.plain() if hasattr(value, "plain") else value


def _state(given: dict[str, Any] | None) -> ParcelState | None:
    if given is None:
        return None
    try:
        state: ParcelState = shape_of(ParcelState).decode(given)
    except Malformed as error:
        raise Malformed(f"the state given is none: {error}") from error
    return state
