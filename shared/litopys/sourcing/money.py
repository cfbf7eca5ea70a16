"""Money: whole minor units of a currency, never a fraction."""

from dataclasses import dataclass
from typing import Annotated

from litopys.sourcing.common import NotNegative
from litopys.sourcing.constraints import Pattern

Currency = Annotated[str, Pattern("[A-Z]{3}")]
"""A currency by its ISO 4217 letters."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of a currency."""

    minor: NotNegative
    currency: Currency
