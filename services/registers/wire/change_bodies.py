"""Bodies of the commands on a change of parcels, and of what parcels do in one."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from litopys.service.wire.bodies import Body, example
from litopys.service.wire.parts import BasisPart, IdText, MomentText, NumberField, Part
from services.registers.domain.land_parcel.change_state import CHANGE_NUMBER, MOST_CHILDREN, MOST_PARENTS
from services.registers.domain.parcel_change import commands as c
from services.registers.domain.parcel_change.events import PlacedUseRight, PlannedShare
from services.registers.wire.parts import AreaField, BoundaryPart, CadastralText, DetailsPart, ShareText

_APPLICATION = {"kind": "application", "document": "заява про поділ земельної ділянки 60719", "issued": "2026-02-28"}
_COURT = {"kind": "court", "document": "рішення у справі 534/118/26", "issued": "2026-02-11"}
_CHANGE = "parcel_change:2026-117"

ChangeText = Annotated[str, Field(pattern=f"^parcel_change:{CHANGE_NUMBER}$", examples=[_CHANGE])]
SecondText = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
        description="A second in UTC",
        examples=["2026-04-01T21:00:00Z"],
    ),
]


class SharePart(Part):
    """A share of the new parcel, and the holder of a parent who gets it."""

    parent: CadastralText
    holder: IdText
    share: ShareText

    def plain(self) -> PlannedShare:
        """Give it as the domain has it."""
        return PlannedShare(self.parent, self.holder, self.share)


class PlacedPart(Part):
    """A right of use of a parent that lies on this new parcel."""

    parent: CadastralText
    number: NumberField

    def plain(self) -> PlacedUseRight:
        """Give it as the domain has it."""
        return PlacedUseRight(self.parent, self.number)


class NewParcelPart(Part):
    """A parcel to be formed. Without details those of the first parent, without title the holders as they are."""

    number: CadastralText
    area_m2: AreaField
    boundary: BoundaryPart | None = None
    details: DetailsPart | None = None
    title: Annotated[tuple[SharePart, ...], Field(max_length=32, strict=False)] | None = None
    use_rights: Annotated[tuple[PlacedPart, ...], Field(max_length=16, strict=False)] = ()

    def plain(self) -> c.NewParcel:
        """Give it as the domain has it."""
        return c.NewParcel(
            number=self.number,
            area_m2=self.area_m2,
            boundary=None if self.boundary is None else self.boundary.plain(),
            details=None if self.details is None else self.details.plain(),
            title=None if self.title is None else tuple(share.plain() for share in self.title),
            use_rights=tuple(right.plain() for right in self.use_rights),
        )


class PlanBody(Body):
    """Propose a division or a merger: another person approves, then the parcels follow by themselves."""

    model_config = example(
        kind="division",
        parents=["5322081200:00:001:0003"],
        children=[
            {"number": "5322081200:00:001:0101", "area_m2": 20000},
            {"number": "5322081200:00:001:0102", "area_m2": 14800},
        ],
        tolerance_m2=2,
        valid_from="2026-03-01",
        expires="2026-04-01T21:00:00Z",
        basis=_APPLICATION,
    )
    makes = c.ProposeChange
    kind: Literal["division", "merger"]
    parents: Annotated[tuple[CadastralText, ...], Field(min_length=1, max_length=MOST_PARENTS, strict=False)]
    children: Annotated[tuple[NewParcelPart, ...], Field(min_length=1, max_length=MOST_CHILDREN, strict=False)]
    tolerance_m2: Annotated[int, Field(ge=0, lt=2**53, description="By how much areas may differ, in square metres")]
    valid_from: MomentText
    expires: SecondText
    basis: BasisPart


class ToldParcelPart(Part):
    """A parcel of a change that another register decided."""

    number: CadastralText
    area_m2: AreaField

    def plain(self) -> c.ToldParcel:
        """Give it as the domain has it."""
        return c.ToldParcel(number=self.number, area_m2=self.area_m2)


ToldParents = Annotated[tuple[ToldParcelPart, ...], Field(min_length=1, max_length=MOST_PARENTS, strict=False)]
ToldChildren = Annotated[tuple[ToldParcelPart, ...], Field(min_length=1, max_length=MOST_CHILDREN, strict=False)]


class RecordedChangeBody(Body):
    """Take over a change that another register carried out or gave up; its parcels are recorded by themselves."""

    model_config = example(
        as_of="2021-11-03",
        kind="division",
        phase="completed",
        parents=[{"number": "5322081200:00:001:0003", "area_m2": 34800}],
        children=[
            {"number": "5322081200:00:001:0101", "area_m2": 20000},
            {"number": "5322081200:00:001:0102", "area_m2": 14800},
        ],
        valid_from="2019-03-01",
        basis=_APPLICATION,
    )
    makes = c.RecordChange
    as_of: MomentText
    kind: Literal["division", "merger"]
    phase: Literal["completed", "abandoned"]
    parents: ToldParents
    children: ToldChildren
    valid_from: MomentText
    basis: BasisPart
    tolerance_m2: Annotated[int, Field(ge=0, lt=2**53, description="By how much areas may differ")] = 0
    reason: Literal["withdrawn", "hindered", "expired"] | None = None


class ChangeApprovalBody(Body):
    """Agree with what another person proposed. The change itself is approved once every parcel is kept for it."""

    model_config = example(proposal=2)
    makes = c.ApproveChange
    proposal: NumberField


class AbandonmentBody(Body):
    """Give the change up before it is approved: every parcel is let go. `expired` only once its time is over."""

    model_config = example(reason="withdrawn", basis=_APPLICATION)
    makes = c.AbandonChange
    reason: Literal["withdrawn", "hindered", "expired"]
    basis: BasisPart | None = None


class CompletionBody(Body):
    """Close the change: every parcel has ended or is formed, and areas and burdens add up."""

    model_config = example()
    makes = c.CompleteChange


class ChangeAnnulmentBody(Body):
    """Propose that an approved change loses its effect; what became of the parcels is put right in each of them."""

    model_config = example(by="court", basis=_COURT)
    makes = c.AnnulChange
    by: Literal["court", "registrar"]
    basis: BasisPart


class _InChangeBody(Body):
    """What a parcel does in a change: the plan says all the rest."""

    model_config = example(change=_CHANGE)
    makes: ClassVar[type[Any]]
    change: ChangeText


class ReservingBody(_InChangeBody):
    """Keep the parcel for the change that will end it; the mortgagees' consents are used up by it."""

    makes = c.ReserveParcel


class ForeseeingBody(_InChangeBody):
    """Keep the number for the parcel that the change will form."""

    makes = c.ForeseeParcel


class ReleasingBody(_InChangeBody):
    """Let the parcel or the number go: its change came to nothing."""

    makes = c.ReleaseParcel


class EndingBody(_InChangeBody):
    """End the parcel by the change that it is kept for."""

    makes = c.EndParcel


class FormingBody(_InChangeBody):
    """Form the parcel by the change that its number is kept for, with the title and the burdens that pass on to it."""

    makes = c.FormParcel


ON_CHANGES: dict[str, type[Body]] = {
    "propose": PlanBody,
    "record": RecordedChangeBody,
    "approve": ChangeApprovalBody,
    "abandon": AbandonmentBody,
    "complete": CompletionBody,
    "annul": ChangeAnnulmentBody,
}
ON_PARCELS: dict[str, type[Body]] = {
    "reserve": ReservingBody,
    "foresee": ForeseeingBody,
    "release": ReleasingBody,
    "end-by-change": EndingBody,
    "form": FormingBody,
}
