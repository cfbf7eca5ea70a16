"""Parts of energy's bodies: codes, readings, prices, households and beneficiaries."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from litopys.service.codes import check_eic
from litopys.service.sealing import Sealing
from litopys.service.wire.parts import PRINTABLE, LineText, MomentText, Part
from litopys.sourcing.personal import RANDOM_ID, SealedPerson
from services.energy.domain.market_interval.state import Price, Rate
from services.energy.domain.measures import EIC, MOST_WH_AN_HOUR, Reading
from services.energy.parties import (
    PlainBeneficiary,
    PlainHousehold,
    seal_beneficiary,
    seal_household,
    seal_readings,
)

_RANDOM_ID_LENGTH = 32


def _sound(code: str) -> str:
    if len(code) != _RANDOM_ID_LENGTH and check_eic(code) != "valid":
        raise ValueError("the check character of the EIC is wrong")
    return code


HolderText = Annotated[
    str,
    Field(
        pattern=f"^(?:{EIC}|{RANDOM_ID})$",
        description="A company by its EIC, a household by its random id",
        examples=["99XGUAR-BUYER--D"],
    ),
    AfterValidator(_sound),
]
InstantText = Annotated[
    MomentText,
    Field(
        pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
        description="A second in UTC",
        examples=["2024-02-29T22:00:00Z"],
    ),
]
CurrencyText = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["UAH"])]
TechnologyText = Literal["solar", "wind", "hydro", "biomass", "biogas", "geothermal", "nuclear", "thermal", "mixed"]
WhField = Annotated[int, Field(ge=-MOST_WH_AN_HOUR, le=MOST_WH_AN_HOUR, description="Wh; drawn if negative")]
SumField = Annotated[int, Field(gt=-(2**53), lt=2**53, description="Wh, exactly")]


class ReadingPart(Part):
    """What a meter says of one interval; `raw` is the number in MWh as it was written."""

    wh: WhField
    raw: Annotated[str, Field(min_length=1, max_length=100, pattern="^[0-9.,eE+-]+$")] | None = None

    def plain(self) -> Reading:
        """Give it as the domain has it."""
        return Reading(self.wh, self.raw)


class SealedReadingsPart(Part):
    """Readings of a household, Wh of successive intervals. The ledger gets one digest."""

    wh: Annotated[tuple[WhField, ...], Field(min_length=1, max_length=3000, strict=False)]

    def seal(self, sealing: Sealing) -> SealedPerson:
        """Seal them under a fresh id."""
        return seal_readings(sealing, self.wh)


class PricePart(Part):
    """A price of one MWh in minor units; of either sign."""

    minor: Annotated[int, Field(ge=-(10**12), le=10**12)]
    currency: CurrencyText

    def plain(self) -> Price:
        """Give it as the domain has it."""
        return Price(self.minor, self.currency)


class RatePart(Part):
    """What one unit of a currency cost, as a decimal text."""

    of: CurrencyText
    text: Annotated[str, Field(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,30})?$")]

    def plain(self) -> Rate:
        """Give it as the domain has it."""
        return Rate(self.of, self.text)


class HouseholdPart(Part):
    """A household that produces. All of it is closed: the ledger gets digests alone."""

    eic: Annotated[str, Field(pattern=f"^{EIC}$")]  # one that fails its check is flagged, not refused
    name: LineText
    code: Annotated[str, Field(min_length=1, max_length=20, pattern=PRINTABLE)] | None = None
    address: LineText | None = None

    def seal(self, sealing: Sealing) -> SealedPerson:
        """Seal it under a fresh id."""
        household = PlainHousehold(eic=self.eic, name=self.name, code=self.code, address=self.address)
        return seal_household(sealing, household)


class BeneficiaryPart(Part):
    """For whose consumption a guarantee is redeemed. Published, and on the ledger as digests."""

    kind: Literal["natural", "legal"]
    name: LineText
    code: Annotated[str, Field(min_length=1, max_length=20, pattern=PRINTABLE)] | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None

    def seal(self, sealing: Sealing) -> SealedPerson:
        """Seal it under a fresh id."""
        beneficiary = PlainBeneficiary(kind=self.kind, name=self.name, code=self.code, country=self.country)
        return seal_beneficiary(sealing, beneficiary)
