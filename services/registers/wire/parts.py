"""Parts that bodies of the registers share: persons, owners, boundary, details."""

from typing import Annotated, Any, Literal

from pydantic import Field

from litopys.service.sealing import Sealing
from litopys.service.wire.parts import PRINTABLE, LineText, LongLine, Part, ShortLine
from litopys.sourcing.personal import SealedPerson
from services.registers.domain.land_parcel.commands import Owning
from services.registers.domain.land_parcel.events import Boundary
from services.registers.domain.land_parcel.state import Details
from services.registers.persons import PlainPerson, seal_person

ShareText = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}/[1-9][0-9]{0,8}$", examples=["1/2"])]
CadastralText = Annotated[
    str, Field(pattern=r"^[0-9]{10}:[0-9]{2}:[0-9]{3}:[0-9]{4}$", examples=["5322081200:00:001:0003"])
]
AreaField = Annotated[int, Field(ge=1, lt=10**13, description="Whole square metres", examples=[34800])]


class PersonPart(Part):
    """A person. All of it is closed: the ledger gets digests alone."""

    kind: Literal["natural", "legal"]
    name: LineText
    code: Annotated[str, Field(min_length=1, max_length=20, pattern=PRINTABLE)] | None = None
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
