"""Commands of a change of parcels. What they see of other streams is filled in by the shell before the decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from litopys.sourcing.common import Basis, Imported
from services.registers.domain.land_parcel.events import Boundary
from services.registers.domain.land_parcel.state import Details
from services.registers.domain.parcel_change.events import PlacedUseRight, PlannedShare
from services.registers.domain.parcel_change.seen import SeenChange, SeenParcel
from services.registers.domain.parcel_change.state import Kind, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class NewParcel:
    """A parcel to be formed. Without `details` those of the first parent; without `title` all holders as they are."""

    number: str
    area_m2: int
    boundary: Boundary | None = None
    details: Details | None = None
    title: tuple[PlannedShare, ...] | None = None
    use_rights: tuple[PlacedUseRight, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeChange:
    """Plan a division or a merger and propose it for approval."""

    kind: Kind
    parents: tuple[str, ...]
    children: tuple[NewParcel, ...]
    tolerance_m2: int
    valid_from: str
    expires: str
    basis: Basis
    parcels: Mapping[str, SeenParcel] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldParcel:
    """A parcel of a change that another register decided."""

    number: str
    area_m2: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChange:
    """Take over a change that another register carried out or gave up."""

    as_of: str
    kind: Kind
    phase: Literal["completed", "abandoned"]
    parents: tuple[ToldParcel, ...]
    children: tuple[ToldParcel, ...]
    valid_from: str
    basis: Basis
    tolerance_m2: int = 0
    reason: Reason | None = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveChange:
    """Agree, as a second person, with what was proposed: the change itself, or its annulment."""

    proposal: int
    change: SeenChange | None = None
    parcels: Mapping[str, SeenParcel] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonChange:
    """Give a change up before it was authorised."""

    reason: Reason
    basis: Basis | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteChange:
    """Close a change whose parcels have all ended or been formed."""

    change: SeenChange | None = None
    parcels: Mapping[str, SeenParcel] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnulChange:
    """Take a change's effect away; what became of the parcels is put right in their own streams."""

    by: str
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveParcel:
    """Keep a parcel for a change that will end it."""

    change: str
    seen: SeenChange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeseeParcel:
    """Keep a number for a parcel that a change will form."""

    change: str
    seen: SeenChange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseParcel:
    """Let a parcel or a number go, since its change came to nothing."""

    change: str
    seen: SeenChange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndParcel:
    """End a parcel by the change that it is kept for."""

    change: str
    seen: SeenChange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormParcel:
    """Form a parcel by the change that its number is kept for; `parcels` are its parents."""

    change: str
    seen: SeenChange | None = None
    parcels: Mapping[str, SeenParcel] = field(default_factory=dict)
