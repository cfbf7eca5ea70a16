"""Bodies of the commands about erasures and legal holds, the same in every sector."""

from typing import Annotated, ClassVar

from pydantic import Field

from litopys.service.wire.bodies import ApprovalBody, Body, example
from litopys.service.wire.parts import BasisPart, IdText, NumberField, Part
from litopys.sourcing import erasures, holds
from litopys.sourcing.reach import MOST_FIELDS, Reach

_REACH = {"subject": "land_parcel:5322081200:00:001:0003", "person": "0f8fad5bd9cb469fa16570867728950e", "fields": []}
_APPLICATION = {"kind": "application", "document": "заява 60718", "issued": "2026-02-28"}
_COURT = {"kind": "court", "document": "ухвала у справі 534/117/26", "issued": "2026-02-11"}
_LAW = {"kind": "law", "document": "строк зберігання не минув"}

FieldNames = Annotated[
    tuple[Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,62}$")], ...],
    Field(max_length=MOST_FIELDS, strict=False, description="Names of personal fields; none stands for all"),
]


class ReachPart(Part):
    """Personal fields of one stream: of a person or of everybody, those named or all."""

    subject: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}:[A-Za-z0-9._:/-]{1,128}$")]
    person: IdText | None = None
    fields: FieldNames = ()

    def plain(self) -> Reach:
        """Give it as the domain has it."""
        return Reach(self.subject, self.person, tuple(sorted(set(self.fields))))


class AskErasureBody(Body):
    """Ask that personal fields be erased, in events up to a version of the object."""

    model_config = example(reach=_REACH, up_to=3, basis=_APPLICATION)
    makes: ClassVar[type[object]] = erasures.AskErasure
    reach: ReachPart
    up_to: NumberField
    basis: BasisPart


class EraseBody(Body):
    """Propose to erase what was asked for; another person approves."""

    model_config = example()
    makes: ClassVar[type[object]] = erasures.Erase


class DeclineErasureBody(Body):
    """Do not erase what was asked for, and say on what ground."""

    model_config = example(basis=_LAW)
    makes: ClassVar[type[object]] = erasures.DeclineErasure
    basis: BasisPart


class AskHoldBody(Body):
    """Ask that personal fields be kept from erasure."""

    model_config = example(reach=_REACH, basis=_COURT)
    makes: ClassVar[type[object]] = holds.AskHold
    reach: ReachPart
    basis: BasisPart


class ImposeBody(Body):
    """Propose to hold what was asked for; another person approves."""

    model_config = example()
    makes: ClassVar[type[object]] = holds.Impose


class LiftBody(Body):
    """Propose that a hold ends; another person approves."""

    model_config = example(basis=_COURT)
    makes: ClassVar[type[object]] = holds.Lift
    basis: BasisPart


class DeclineHoldBody(Body):
    """Do not hold what was asked for, and say on what ground."""

    model_config = example(basis=_LAW)
    makes: ClassVar[type[object]] = holds.DeclineHold
    basis: BasisPart


ERASURE_BODIES: dict[str, type[Body]] = {
    "ask": AskErasureBody,
    "erase": EraseBody,
    "decline": DeclineErasureBody,
    "approve": ApprovalBody,
}
HOLD_BODIES: dict[str, type[Body]] = {
    "ask": AskHoldBody,
    "impose": ImposeBody,
    "lift": LiftBody,
    "decline": DeclineHoldBody,
    "approve": ApprovalBody,
}
