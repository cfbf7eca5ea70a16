"""Faults of real exports, put into a feature that had none."""

from collections.abc import Callable
from random import Random
from typing import Any, Final

# One row in so many is spoilt.
ONE_IN: Final = 20


def spoil(feature: dict[str, Any], random: Random) -> dict[str, Any]:
    """Give the feature one fault or none: some make an importer refuse the row, others are kept as they stand."""
    if random.randrange(ONE_IN) == 0:
        random.choice(_FAULTS)(feature["properties"])
    return feature


def _cut_number(properties: dict[str, Any]) -> None:
    properties["cadnum"] = properties["cadnum"][:-1]


def _letters_for_digits(properties: dict[str, Any]) -> None:
    properties["cadnum"] = properties["cadnum"].replace("0", "О", 1)


def _area_too_fine(properties: dict[str, Any]) -> None:
    properties["area"] += "5"


def _unknown_ownership(properties: dict[str, Any]) -> None:
    properties["ownershipcode"] = 150


def _no_purpose_code(properties: dict[str, Any]) -> None:
    properties["purpose_code"] = "не виділено"


def _control_characters(properties: dict[str, Any]) -> None:
    properties["address"] = f"{properties['address']}\x7f\x00"


_FAULTS: Final[tuple[Callable[[dict[str, Any]], None], ...]] = (
    _cut_number,
    _letters_for_digits,
    _area_too_fine,
    _unknown_ownership,
    _no_purpose_code,
    _control_characters,
)
