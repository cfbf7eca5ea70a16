import pytest

from services.energy.balance.books import Books
from services.energy.importers import SOLAR, SOLAR_PLANT
from services.energy.issuing.__main__ import TRADER, issue_months
from services.energy.issuing.months import Closed, Issuing, months_between
from services.energy.issuing.service import Refused
from tests.support.energy import Imports
from tests.support.energy_service import MemoryService

OUTPUT = "date,hour,actual,projected\n"
COMMANDS = 23
MONTHS = months_between("2024-02", "2024-06")


def metered() -> MemoryService:
    """February with a rest, March drawing more than it gives, April with a little, nothing in May, June with less."""
    rows = "2024-02-01,1,100.4,1\n2024-03-01,1,-0.3,1\n2024-04-01,1,5.95,1\n2024-06-01,1,0.7,1\n"
    return MemoryService(Imports().take(SOLAR, (OUTPUT + rows).encode()).streams)


def books_of(service: MemoryService) -> Books:
    books = Books()
    for stream in service.streams.values():
        for event in stream.events:
            books.take(event)
    return books


def test_months_are_settled_and_their_guarantees_led_on():
    service = metered()
    assert issue_months(service, SOLAR_PLANT, MONTHS) == 4
    accounts = {key[-7:]: one.state for key, one in service.streams.items() if key.startswith("generation")}
    assert [accounts[month].carried_in_wh for month in sorted(accounts)] == [0, 400_000, 100_000, 0]
    assert [accounts[month].closing.carried_wh for month in sorted(accounts)] == [400_000, 100_000, 50_000, 700_000]
    assert [accounts[month].issued for month in sorted(accounts)] == [100, 0, 6, 0]
    ends = {
        key.rpartition(":")[2]: (one.state.ended_by, one.state.holder == TRADER)
        for key, one in service.streams.items()
        if key.startswith("guarantee") and "2024-02" in key
    }
    assert ends == {
        "1-100": ("split", False),
        "1-50": ("redeemed", False),
        "51-80": ("redeemed", True),
        "81-100": ("expired", False),
    }
    whole = service.streams[f"guarantee_of_origin:{SOLAR_PLANT}:2024-04:1-6"]
    assert whole.state.ended_by == "redeemed"


def test_what_was_settled_adds_up():
    service = metered()
    issue_months(service, SOLAR_PLANT, MONTHS)
    books = books_of(service)
    assert list(books.findings()) == []
    totals = books.totals()
    assert (totals.certified_mwh, totals.redeemed_mwh, totals.expired_mwh, totals.waiting_mwh) == (106, 86, 20, 0)
    assert totals.counted_wh == 106_750_000
    assert totals.remainder_wh == 750_000


@pytest.mark.parametrize("commands", range(COMMANDS))
def test_a_run_that_was_interrupted_is_started_again(commands):
    """Killed after any command, the next run ends where one run would have ended."""
    service = metered()
    give = service.command

    class Killed(Exception):
        pass

    def dying(path, body, *, version=None):
        if service.commands == commands:
            raise Killed
        return give(path, body, version=version)

    service.command = dying
    with pytest.raises(Killed):
        issue_months(service, SOLAR_PLANT, MONTHS)
    service.command = give
    issue_months(service, SOLAR_PLANT, MONTHS)
    whole = metered()
    issue_months(whole, SOLAR_PLANT, MONTHS)
    assert service.commands == whole.commands == COMMANDS
    assert {key: one.version for key, one in service.streams.items()} == {
        key: one.version for key, one in whole.streams.items()
    }
    issue_months(service, SOLAR_PLANT, MONTHS)
    assert service.commands == whole.commands == COMMANDS


def test_a_remainder_that_last_month_did_not_carry_on_is_refused():
    service = metered()
    issuing = Issuing(service)
    issuing.settle(SOLAR_PLANT, "2024-02", None)
    with pytest.raises(Refused, match="carry-differs"):
        issuing.settle(SOLAR_PLANT, "2024-03", Closed(4, 400_001))


def test_months_between():
    assert months_between("2023-11", "2024-02") == ["2023-11", "2023-12", "2024-01", "2024-02"]
