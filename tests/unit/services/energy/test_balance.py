"""The balance finds whatever does not add up, also what the sector's own rules would never let pass."""

import ast
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from litopys.errors import VerificationFailed
from litopys.event.cloudevents import Event, format_event
from litopys.event.entries import format_entry
from litopys.event.signatures import sign_batch
from litopys.event.streams import Citation
from litopys.sourcing import commands as common
from litopys.sourcing.facts import Decided
from services.energy import balance
from services.energy.balance.books import Books
from services.energy.balance.entries import final_events
from services.energy.domain.generation_account import commands as a
from services.energy.domain.generation_account.sums import remainder_wh, units_certified
from services.energy.domain.guarantee_of_origin import commands as g
from services.energy.domain.hours import metered_hours
from tests.contracts.stories.energy import busy
from tests.support.driving import COURT, Driven
from tests.support.energy import (
    BEGIN,
    BUYER,
    DOMAIN,
    HOUSEHOLD,
    LAW,
    METERS,
    MWH,
    PLANT,
    SETTLED,
    TRADER,
    Account,
    Batch,
    at,
    readings,
)
from tests.support.served_log import ServedLog

FEBRUARY = f"generation_account:{PLANT}:2024-02"
Forge = Callable[[dict[str, Any]], None]


def february() -> Account:
    account = Account(FEBRUARY).open(valid_from="2024-01-31T22:00:00Z", valid_to=BEGIN)
    hour = "2024-02-01T09:00:00Z"
    account.do(a.MeterOutput(valid_from=hour, readings=readings(100 * MWH + 7, -3), basis=METERS))
    account.do(
        a.CorrectReading(valid_from=hour, corrects=2, old=readings(100 * MWH + 7), new=readings(99 * MWH), basis=METERS)
    )
    account.issue().use(1)
    return account.close()


def march() -> Account:
    account = Account().open(carried_in_wh=None).meter(0, 100 * MWH, 50 * MWH)
    account.do(a.CarryRemainder(carried_in_wh=999_997, closed_at=6, basis=METERS))
    account.issue(120).use(1).issue().use(2)
    account.both(a.WithdrawCertificate(first=121, last=150, withdrawn_at=4, valid_from=SETTLED, basis=COURT))
    account.issue(1)
    return account.close()


def batches() -> list[Batch]:
    whole = Batch(1, 120).issue(certified_at=4).transfer(TRADER)
    whole.do(g.SplitGuarantee(holder=TRADER, mwh=(70, 50), valid_from="2024-05-03", basis=METERS))
    part = {"split_at": 3, "holder": TRADER}
    redeemed = Batch(1, 70).separate(whole.subject, **part).redeem(by=TRADER)
    expired = Batch(71, 120).separate(whole.subject, **part)
    expired.do(g.ExpireGuarantee(basis=LAW))
    withdrawn = Batch(121, 150).issue(certificate=2, certified_at=6)
    withdrawn.both(g.WithdrawGuarantee(valid_from="2024-05-02", basis=COURT))
    live = Batch(1, 98, account=f"{PLANT}:2024-02")
    live.issue(produced_from="2024-01-31T22:00:00Z", produced_to=BEGIN)
    return [whole, redeemed, expired, withdrawn, live]


def ledger() -> list[Event]:
    streams: list[Driven] = [february(), march(), *batches()]
    return [event for stream in streams for event in stream.events]


def read(events: list[Event]) -> Books:
    books = Books()
    for event in events:
        books.take(event)
    return books


def findings(events: list[Event]) -> list[str]:
    return [one.what for one in read(events).findings()]


def forged(name: str, forge: Forge, *, nth: int = 0) -> list[Event]:
    """The ledger with the data of the nth event of a name changed."""
    events = ledger()
    place = [index for index, event in enumerate(events) if event.parts.name == name][nth]
    data = {**events[place].data}
    forge(data)
    events[place] = events[place]._replace(data=data)
    return events


def test_an_honest_ledger_adds_up_to_the_wh():
    books = read(ledger())
    assert list(books.findings()) == []
    totals = books.totals()
    assert totals.fed_wh - totals.drawn_wh == totals.counted_wh == 249 * MWH - 3
    assert (totals.certified_mwh, totals.withdrawn_mwh) == (219, 30)
    assert totals.counted_wh == totals.certified_mwh * MWH + totals.remainder_wh
    assert (totals.live_mwh, totals.redeemed_mwh, totals.expired_mwh, totals.waiting_mwh) == (98, 70, 50, 1)
    assert totals.hours == 4


@pytest.mark.parametrize(
    ("name", "forge", "nth", "what"),
    [
        ("output_metered", lambda d: d.update(readings=[{"wh": 1, "raw": None}]), 0, "does not stand"),
        ("output_metered", lambda d: d.update(readings=[{"wh": 1, "raw": None}]), 1, "exceeds the output"),
        ("output_metered", lambda d: d.update(readings=[{"wh": 150 * MWH + 1, "raw": None}]), 1, "its closing says"),
        ("output_metered", lambda d: d.update(valid_from="2024-02-01T10:00:00Z"), 0, "does not stand"),
        ("reading_corrected", lambda d: d.update(corrects=1), 0, "does not stand"),
        ("closed", lambda d: d.update(carried_wh=1_000_000), 0, "there were 999997"),
        ("closed", lambda d: d.update(fed_wh=1), 1, "its closing says"),
        ("remainder_carried", lambda d: d.update(carried_in_wh=1_999_997), 0, "carried on by the month before"),
        ("certificate_issued", lambda d: d.update(last=121), 1, "is not of these units"),
        ("certificate_issued", lambda d: d.update(first=2), 1, "does not go on"),
        ("certificate_used", lambda d: d.update(number=7), 0, "used up twice"),
        ("certificate_withdrawn", lambda d: d.update(first=1, last=70), 0, "it is not withdrawn"),
        ("issued", lambda d: d.update(certificate=2), 0, "is not of these units"),
        ("issued", lambda d: d.update(last=121), 0, "not those of its key"),
        ("transferred", lambda d: d.update(holder=TRADER), 0, "from another than its holder"),
        ("split", lambda d: d.update(parts=[{"first": 1, "last": 70}, {"first": 72, "last": 120}]), 0, "not the whole"),
        ("split", lambda d: d.update(parts=[{"first": 1, "last": 60}, {"first": 61, "last": 120}]), 0, "no such part"),
        ("separated", lambda d: d.update(expires="2030-01-01T00:00:00Z"), 0, "origin or holder"),
        ("separated", lambda d: d.update(holder=BUYER), 1, "origin or holder"),
        ("redeemed", lambda d: d.update(holder=BUYER), 0, "another than its holder"),
    ],
)
def test_a_planted_mismatch_is_found(name, forge, nth, what):
    found = findings(forged(name, forge, nth=nth))
    assert any(what in one for one in found), found


def test_what_happens_twice_is_found():
    events = ledger()
    redeemed = next(event for event in events if event.parts.name == "redeemed")
    assert "it is redeemed, and redeemed after that" in findings([*events, redeemed])
    twin = Batch(5, 50).issue(certified_at=4)
    found = findings([*events, *twin.events])
    assert "some of its units stand in another batch too" in found
    assert "the certificate that it cites is not of these units" in found
    beyond = Batch(151, 160).issue(certificate=3, certified_at=4)
    assert "its units were never certified" in findings([*events, *beyond.events])


def test_what_is_missing_is_found_or_waits():
    events = ledger()
    without = [event for event in events if event.subject != Batch(1, 98, account=f"{PLANT}:2024-02").subject]
    assert findings(without) == ["certificate 1 is used up, and there is no guarantee of its units"]
    part = [event for event in events if event.subject != Batch(71, 120).subject]
    assert findings(part) == []
    assert read(part).totals().waiting_mwh == 51


def test_a_citation_of_another_event_is_found():
    events = ledger()
    place = next(i for i, event in enumerate(events) if event.parts.name == "issued")
    cites = (Citation(f"generation_account:{PLANT}:2024-03", 5),)
    events[place] = events[place]._replace(cites=cites)
    assert "the certificate that it cites is not of these units" in findings(events)


def test_a_deficit_is_found():
    account = Account().open().meter(0, 9 * MWH).issue()
    account.correct(0, 9 * MWH, 8 * MWH, corrects=2)
    assert findings(account.events) == [f"a deficit of {MWH} Wh"]


def test_a_household_counts_by_its_public_sum():
    account = Account(f"generation_account:{HOUSEHOLD}:2024-03").household()
    account.do(a.MeterSealedOutput(valid_from=at(0), hours=3, readings=account.sealed(1, 2, 3), basis=METERS))
    account.do(a.CertifyOutput(certified_wh=2 * MWH + 5, basis=METERS))
    account.issue().close()
    books = read(account.events)
    assert list(books.findings()) == []
    assert (books.totals().counted_wh, books.totals().remainder_wh, books.totals().hours) == (2 * MWH + 5, 5, 3)


def test_states_that_events_carry_are_read():
    account = Account().open().meter(0, 9 * MWH, -4).meter(5, 7)
    account.both(common.Annul(by="court", basis=COURT, from_version=3))
    books = read(account.events)
    assert list(books.findings()) == []
    assert (books.totals().fed_wh, books.totals().drawn_wh, books.totals().hours) == (9 * MWH, 4, 2)


@pytest.mark.parametrize("aggregate", ["generation_account", "guarantee_of_origin"])
def test_books_and_states_agree_whatever_happens_to_a_stream(aggregate):
    """Kept apart from each other, they come to the same after thousands of events drawn at random."""
    books, state, stream = Books(), None, Driven(DOMAIN, None, "")
    for fact in busy(aggregate, 3_000):
        state = DOMAIN.apply(state, fact)
        stream.subject = fact.subject
        event = stream.event(Decided(fact.name, fact.type_version, fact.data, fact.cites))
        books.take(event._replace(streamversion=fact.version))
    if aggregate == "guarantee_of_origin":
        assert next(iter(books.batches.values())).holder == state.holder
        return
    (book,) = books.accounts.values()
    assert (len(book.hours), book.fed_wh, book.drawn_wh) == (state.metered, state.fed_wh, state.drawn_wh)
    assert (book.issued, book.certified_mwh) == (state.issued, units_certified(state))
    assert book.remainder_wh == remainder_wh(state)
    assert book.unused == {one.number for one in state.certificates}
    assert dict(book.hours) == {
        datetime.fromisoformat(state.valid_from) + timedelta(hours=place): hour
        for place, hour in metered_hours(state.hours)
    }


def test_entries_are_put_under_the_checkpoint():
    log = ServedLog()
    values = [format_event(event) for event in ledger()]
    signer = log.simulated.sector("registers")
    for first in range(0, len(values), 64):
        some = values[first : first + 64]
        log.entries += [format_entry(value, line) for value, line in zip(some, sign_batch(signer, some), strict=True)]
    log.finish()
    policy = log.network.policy()
    assert [event.id for event in final_events(log.fetch, policy)] == [event.id for event in ledger()]
    path = next(path for path in log.files if path.startswith("/tile/entries/"))
    log.files[path] = log.files[path].replace(b'"wh":50000000', b'"wh":50000001')
    with pytest.raises(VerificationFailed):
        list(final_events(log.fetch, policy))


def test_it_knows_nothing_of_the_sectors_rules():
    for path in Path(balance.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(node, "module", None) or ""
            assert not name.startswith("litopys.sourcing"), path.name
            assert not name.startswith("services.") or name.startswith("services.energy.balance"), path.name
