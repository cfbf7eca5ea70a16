"""Parts that bodies of all sectors share: moments, texts, numbers, the basis of an entry, money."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from litopys.sourcing.common import Basis
from litopys.sourcing.constraints import MaxBytes
from litopys.sourcing.moments import is_moment
from litopys.sourcing.money import Money


def _real_date(text: str) -> str:
    if not is_moment(text):
        raise ValueError("no real date")
    return text


def fits(limit: int) -> AfterValidator:
    """Check that a text takes no more bytes than the field of a state that will hold it."""

    def check(text: str) -> str:
        if MaxBytes(limit).refusal(text) is not None:
            raise ValueError(f"more than {limit} bytes")
        return text

    return AfterValidator(check)


# No control characters, as in the grammar of events; newline and tab may stand.
PRINTABLE = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]+$"
MomentText = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?)?)?$",
        description="When it held; its form is its precision: year, month, day or second (UTC)",
        examples=["2026-03-01"],
    ),
    AfterValidator(_real_date),
]
LineText = Annotated[str, Field(min_length=1, max_length=600, pattern=PRINTABLE), fits(600)]
ShortLine = Annotated[str, Field(min_length=1, max_length=250, pattern=PRINTABLE), fits(250)]
LongLine = Annotated[str, Field(min_length=1, max_length=700, pattern=PRINTABLE), fits(700)]
IdText = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", examples=["0f8fad5bd9cb469fa16570867728950e"])]
NumberField = Annotated[int, Field(ge=1, lt=2**53, examples=[1])]


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


class MoneyPart(Part):
    """An amount in minor units."""

    minor: Annotated[int, Field(ge=0, lt=2**53)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]

    def plain(self) -> Money:
        """Give it as the domain has it."""
        return Money(self.minor, self.currency)
