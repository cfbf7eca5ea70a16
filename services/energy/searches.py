"""By what streams of energy are found beside their keys."""

from collections.abc import Iterator
from typing import Final

from litopys.service.search.searchable import Search
from services.energy.domain.generation_account.state import AccountState
from services.energy.domain.guarantee_of_origin.state import GuaranteeState
from services.energy.domain.market_interval.state import IntervalState


def _of_account(state: AccountState) -> Iterator[tuple[str, str]]:
    yield "plant", state.plant
    yield "month", state.month
    yield "holder", state.holder
    yield "technology", state.technology
    yield "standing", "closed" if state.closing else "open"
    for code in state.standing.inconsistent:
        yield "inconsistent", code


def _of_batch(state: GuaranteeState) -> Iterator[tuple[str, str]]:
    _, plant, month = state.account.split(":")
    yield "plant", plant
    yield "month", month
    yield "holder", state.holder
    yield "technology", state.technology
    yield "standing", state.ended_by or "live"


def _of_interval(state: IntervalState) -> Iterator[tuple[str, str]]:
    yield "zone", state.zone
    yield "day", state.start[:10]
    yield "market", state.market


def _owner(state: AccountState) -> Iterator[str]:
    if state.owner is not None:
        yield state.owner


def _beneficiary(state: GuaranteeState) -> Iterator[str]:
    if state.beneficiary is not None:
        yield state.beneficiary


_PLANT: Final = "By the EIC of a plant, or the random id of a household"
_HOLDER: Final = "By who holds the guarantees: a company's EIC, or a household's random id"

ACCOUNTS: Final = Search(
    terms={
        "plant": _PLANT,
        "month": "By the month, YYYY-MM",
        "holder": _HOLDER,
        "technology": "By the kind of plant",
        "standing": "Whether the month is `open` or `closed`",
        "inconsistent": "By a rule that the account breaks: `deficit`",
    },
    terms_of=_of_account,
    persons_of=_owner,
    person_fields={
        "eic": "The EIC of a household",
        "code": "The tax number of a household",
        "name": "The name of a household",
    },
)

BATCHES: Final = Search(
    terms={
        "plant": _PLANT,
        "month": "By the month of production, YYYY-MM",
        "holder": _HOLDER,
        "technology": "By the kind of plant",
        "standing": "`live`, `split`, `redeemed`, `expired` or `withdrawn`",
    },
    terms_of=_of_batch,
    persons_of=_beneficiary,
    person_fields={
        "edrpou": "The EDRPOU of a legal beneficiary",
        "code": "The tax number of a natural beneficiary",
        "name": "The name of a beneficiary",
    },
    open_fields=frozenset({"edrpou", "name"}),
)

INTERVALS: Final = Search(
    terms={
        "zone": "By the EIC of a bidding zone",
        "day": "By the day in UTC on which the interval begins",
        "market": "`day_ahead` or `intraday`",
    },
    terms_of=_of_interval,
)
