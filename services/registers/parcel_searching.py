"""By what land parcels are found beside their numbers."""

from collections.abc import Iterable
from typing import Final

from litopys.service.search.searchable import Search
from services.registers.domain.land_parcel.change_state import ForeseenParcel, reservation_of
from services.registers.domain.land_parcel.state import ParcelState

_SETTLEMENT_DIGITS: Final = 10

Terms = Iterable[tuple[str, str]]


def _settlement(number: str) -> Terms:
    yield "settlement", number[:_SETTLEMENT_DIGITS]


def _parcel_terms(state: ParcelState | ForeseenParcel) -> Terms:
    yield "status", "foreseen" if isinstance(state, ForeseenParcel) else state.standing.status
    reservation = reservation_of(state)
    found = {
        "purpose": state.details.purpose_code,
        "ownership": state.details.ownership,
        "change": None if reservation is None else reservation.change.partition(":")[2],
    }
    yield from ((name, value) for name, value in found.items() if value is not None)
    yield from (("inconsistent", code) for code in state.standing.inconsistent)


def _parcel_words(state: ParcelState | ForeseenParcel) -> Iterable[str]:
    said = state.details
    return [text for text in (said.address, said.use, said.purpose, said.category) if text is not None]


def _parcel_persons(state: ParcelState | ForeseenParcel) -> Iterable[str]:
    if isinstance(state, ForeseenParcel):
        return []
    return [holding.id for holding in state.holdings if holding.valid_to is None]


PARCEL_SEARCH: Final = Search(
    terms={
        "settlement": "Parcels of a settlement, by the KOATUU code with which their numbers begin",
        "purpose": "Parcels by the code of their purpose, such as 01.03",
        "ownership": "Parcels in private, communal or state ownership",
        "status": "Parcels that are live, ended or superseded, and numbers that are foreseen for new parcels",
        "change": "Parcels and numbers that are kept for a change, by its number",
        "inconsistent": "Parcels of which something contradictory was inherited, by its code",
    },
    patterns={
        "settlement": "[0-9]{10}",
        "purpose": "[0-9]{2}\\.[0-9]{2}",
        "ownership": "private|communal|state",
        "status": "live|ended|superseded|foreseen",
    },
    broad=frozenset({"purpose", "ownership", "status", "inconsistent"}),
    terms_of=_parcel_terms,
    terms_of_key=_settlement,
    words_of=_parcel_words,
    persons_of=_parcel_persons,
    person_fields={
        "code": "Parcels whose holder has this RNOKPP or EDRPOU",
        "name": "Parcels whose holder has this name",
    },
)
