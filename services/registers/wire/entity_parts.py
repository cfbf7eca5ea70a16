"""Parts of the bodies about legal entities and establishments: persons behind an entity, activities, places."""

from typing import Annotated, Any, Literal

from pydantic import Field

from litopys.service.sealing import Sealing
from litopys.service.wire.parts import (
    PRINTABLE,
    IdText,
    LineText,
    MoneyPart,
    Part,
    ShortLine,
    fits,
)
from litopys.sourcing.personal import SealedPerson
from services.registers.domain.establishment.state import Details, Owner, Place
from services.registers.domain.legal_entity.events import Activity
from services.registers.persons_behind import seal_behind

NameText = Annotated[str, Field(min_length=1, max_length=1_200, pattern=PRINTABLE), fits(1_200)]
ShortNameText = Annotated[str, Field(min_length=1, max_length=400, pattern=PRINTABLE), fits(400)]
AddressText = Annotated[str, Field(min_length=1, max_length=800, pattern=PRINTABLE), fits(800)]
CodeText = Annotated[str, Field(min_length=1, max_length=40, pattern=PRINTABLE), fits(40)]
EdrpouText = Annotated[str, Field(pattern=r"^[0-9]{8}$", examples=["99000011"])]
RecordText = Annotated[str, Field(pattern=r"^[0-9]{1,20}$", examples=["10974953"])]
KatottgText = Annotated[str, Field(pattern=r"^UA[0-9]{17}$", examples=["UA99000000000000001"])]
KoatuuText = Annotated[str, Field(pattern=r"^[0-9]{10}$", examples=["9910100000"])]
ActivityText = Annotated[str, Field(pattern=r"^[0-9A-Z]{1,2}(\.[0-9]{1,2}){0,2}$", examples=["62.01"])]


class BehindPart(Part):
    """A person behind an entity: names, country, role and share are published, the rest is closed."""

    kind: Literal["natural", "legal"]
    name: LineText
    country: ShortLine | None = None
    role: LineText | None = None
    edrpou: EdrpouText | None = None
    share: ShortLine | None = None
    contribution: MoneyPart | None = None
    code: Annotated[str, Field(min_length=1, max_length=20, pattern=PRINTABLE)] | None = None
    document: LineText | None = None
    address: LineText | None = None
    contact: LineText | None = None

    def seal(self, sealing: Sealing) -> SealedPerson:
        """Seal it under a fresh id."""
        return seal_behind(sealing, self._fields())

    def _fields(self) -> dict[str, object | None]:
        return self.model_dump(exclude={"id"})


class KnownFounderPart(BehindPart):
    """A founder who is known under an id of this entity: all that is said of them stands anew."""

    id: IdText

    def seal(self, sealing: Sealing) -> SealedPerson:
        """Seal it under the id that it has."""
        return seal_behind(sealing, self._fields(), known_as=self.id)


class ActivityPart(Part):
    """A kind of activity by its code (KVED)."""

    code: ActivityText
    name: LineText | None = None

    def plain(self) -> Activity:
        """Give it as the domain has it."""
        return Activity(self.code, self.name)


class EstablishmentDetailsPart(Part):
    """What an establishment is, in the words of its register."""

    name: NameText
    kind: ShortLine | None = None
    type: ShortLine | None = None
    level: ShortLine | None = None
    financing: ShortLine | None = None
    language: ShortLine | None = None
    site: ShortLine | None = None

    def plain(self) -> Details:
        """Give it as the domain has it."""
        given: dict[str, Any] = self.model_dump()
        return Details(**given)


class PlacePart(Part):
    """Where an establishment is."""

    address: AddressText | None = None
    postcode: Annotated[str, Field(min_length=1, max_length=20, pattern=PRINTABLE), fits(20)] | None = None
    settlement: ShortLine | None = None
    settlement_kind: ShortLine | None = None
    region: ShortLine | None = None
    koatuu: KoatuuText | None = None
    katottg: KatottgText | None = None

    def plain(self) -> Place:
        """Give it as the domain has it."""
        given: dict[str, Any] = self.model_dump()
        return Place(**given)


class OwnerPart(Part):
    """The legal entity behind an establishment, and the version of its stream that the entry rests on."""

    entity: IdText
    version: Annotated[int, Field(ge=1, lt=2**53)]
    edrpou: EdrpouText | None = None

    def plain(self) -> Owner:
        """Give it as the domain has it."""
        return Owner(f"legal_entity:{self.entity}", self.edrpou, None)
