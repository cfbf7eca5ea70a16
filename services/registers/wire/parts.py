"""Parts that bodies share: moments, basis, persons, owners, money, boundary, details."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from litopys.service.sealing import Sealing
from litopys.sourcing.common import Basis
from litopys.sourcing.constraints import MaxBytes
from litopys.sourcing.moments import is_moment
from litopys.sourcing.personal import SealedPerson
from services.registers.domain.land_parcel.commands import Owning
from services.registers.domain.land_parcel.events import Boundary
from services.registers.domain.land_parcel.state import Details, Money
from services.registers.persons import PlainPerson, seal_person


def _real_date(text: str) -> str:
    if not is_moment(text):
        raise ValueError("no real date")
    return text


def _fits(limit: int) -> AfterValidator:
    def check(text: str) -> str:
        if MaxBytes(limit).refusal(text) is not None:
            raise ValueError(f"more than {limit} bytes")
        return text

    return AfterValidator(check)


# No control characters, as in the grammar of events; newline and tab may stand.
_PRINTABLE = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]+$"
MomentText = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?)?)?$",
        description="When it held; its form is its precision: year, month, day or second (UTC)",
        examples=["2026-03-01"],
    ),
    AfterValidator(_real_date),
]
LineText = Annotated[str, Field(min_length=1, max_length=600, pattern=_PRINTABLE), _fits(600)]
ShortLine = Annotated[str, Field(min_length=1, max_length=250, pattern=_PRINTABLE), _fits(250)]
LongLine = Annotated[str, Field(min_length=1, max_length=700, pattern=_PRINTABLE), _fits(700)]
ShareText = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}/[1-9][0-9]{0,8}$", examples=["1/2"])]
CadastralText = Annotated[
    str, Field(pattern=r"^[0-9]{10}:[0-9]{2}:[0-9]{3}:[0-9]{4}$", examples=["5322081200:00:001:0003"])
]
IdText = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", examples=["0f8fad5bd9cb469fa16570867728950e"])]
NumberField = Annotated[int, Field(ge=1, lt=2**53, examples=[1])]
AreaField = Annotated[int, Field(ge=1, lt=10**13, description="Whole square metres", examples=[34800])]


class Part(BaseModel):
    """What all parts and bodies have in common: nothing unknown is taken, nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class BasisPart(Part):
    """The document on which an entry rests."""

    kind: Literal["application", "contract", "court", "enforcement", "succession", "law", "registrar", "migration"]
    document: LineText
    issued: MomentText | None = None

    def plain(self) -> Basis:
        """Give it as the domain has it."""
        return Basis(self.kind, self.document, self.issued)


class PersonPart(Part):
    """A person. All of it is closed: the ledger gets digests alone."""

    kind: Literal["natural", "legal"]
    name: LineText
    code: Annotated[str, Field(min_length=1, max_length=20, pattern=_PRINTABLE)] | None = None
    document: LineText | None = None
    address: LineText | None = None

    def seal(self, sealing: Sealing) -> SealedPerson:
        """Seal it under a fresh id."""
        person = PlainPerson(
            kind=self.kind, name=self.name, code=self.code, document=self.document, address=self.address
        )
        return seal_person(sealing, person)


class OwnerPart(Part):
    """A share, and who gets it: one person, or several who own it jointly."""

    share: ShareText
    persons: Annotated[tuple[PersonPart, ...], Field(min_length=1, max_length=8, strict=False)]

    def seal(self, sealing: Sealing) -> Owning:
        """Seal every person of it."""
        return Owning(share=self.share, persons=tuple(person.seal(sealing) for person in self.persons))


OwnersField = Annotated[tuple[OwnerPart, ...], Field(min_length=1, max_length=32, strict=False)]


class MoneyPart(Part):
    """An amount in minor units."""

    minor: Annotated[int, Field(ge=0, lt=2**53)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]

    def plain(self) -> Money:
        """Give it as the domain has it."""
        return Money(self.minor, self.currency)


class BoundaryPart(Part):
    """A boundary: coordinates as the JSON text of a GeoJSON geometry's `coordinates`, without spaces."""

    crs: ShortLine | None = None
    kind: Literal["Polygon", "MultiPolygon"]
    coordinates: Annotated[str, Field(max_length=40_000, pattern=r"^\[[0-9eE+.,\[\]-]*\]$")]

    def plain(self) -> Boundary:
        """Give it as the domain has it."""
        return Boundary(self.crs, self.kind, self.coordinates)


class DetailsPart(Part):
    """What the cadastre says of a parcel in words and codes."""

    address: LongLine | None = None
    category: ShortLine | None = None
    purpose_code: Annotated[str, Field(pattern=r"^[0-9]{2}\.[0-9]{2}$")] | None = None
    purpose: LongLine | None = None
    use: LongLine | None = None
    ownership: Literal["private", "communal", "state"] | None = None

    def plain(self) -> Details:
        """Give it as the domain has it."""
        given: dict[str, Any] = self.model_dump()
        return Details(**given)


def seal_owners(owners: tuple[OwnerPart, ...], sealing: Sealing) -> tuple[Owning, ...]:
    """Seal the persons of all owners."""
    return tuple(owner.seal(sealing) for owner in owners)
