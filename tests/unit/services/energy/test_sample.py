import itertools
import json
from collections import Counter

import pytest
from stdnum.eu import eic

from litopys.service.imports.histories import histories
from services.energy.balance.books import Books
from services.energy.importers import DAY_AHEAD, PLANTS
from services.energy.sample import SAMPLES, lives, market, output
from services.energy.sample.codes import made_up_eic
from services.energy.sector import SECTOR
from tests.support.energy import Imports

HISTORIES = histories(SECTOR)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: one.name)
def test_same_seed_same_bytes_of_any_size(sample):
    def made(seed: int) -> bytes:
        return b"".join(sample.make(rows=101, seed=seed, events_per_row=4.0, dirt=True))

    assert made(7) == made(7) != made(8)
    assert made(7).count(b"\n") == 101 + (sample.importer != "histories")
    endless = sample.make(rows=10**9, seed=1, events_per_row=4.0, dirt=False)
    assert sum(map(len, itertools.islice(endless, 3))) < 2_000_000


def test_codes_are_nobodys_and_sound():
    codes = {made_up_eic("W", seed=3, number=number) for number in range(2_000)}
    assert len(codes) == 2_000
    assert all(code.startswith("99W") and eic.is_valid(code) for code in codes)


@pytest.mark.parametrize(
    ("make", "importer"), [(output.sample, PLANTS), (market.sample, DAY_AHEAD), (lives.sample, HISTORIES)]
)
def test_every_row_is_admitted_without_dirt_and_some_are_not_with_it(make, importer):
    clean = Imports().take(importer, b"".join(make(rows=600, seed=5)))
    assert +clean.counts == {"read": 600, "admitted": 600}
    dirty = Imports().take(importer, b"".join(make(rows=600, seed=5, dirt=True)))
    assert 0 < dirty.counts["refused"] < 60
    assert dirty.counts["admitted"] + dirty.counts["refused"] == 600


def test_dirt_is_that_of_real_exports():
    dirty = Imports().take(PLANTS, b"".join(output.sample(rows=7_320, seed=5, dirt=True)))
    reasons = Counter(reason.partition(":")[0] for _, _, reason in dirty.remarks)
    assert reasons["no-such-hour"] == 1
    assert sum("is a gap" in reason for _, _, reason in dirty.remarks) >= 1
    assert sum("finer than a Wh" in reason for _, _, reason in dirty.remarks) > 50


@pytest.mark.parametrize("ratio", [4.0, 8.0])
def test_lives_tell_of_everything_and_add_up(ratio):
    imports = Imports().take(HISTORIES, b"".join(lives.sample(rows=202, seed=9, events_per_row=ratio)))
    events = [event for stream in imports.streams.values() for event in stream.events]
    assert abs(len(events) / 202 - ratio) < 0.25 * ratio
    told = Counter(event.parts.name for event in events)
    assert {"sealed_output_metered", "output_certified", "split", "transferred", "redeemed", "expired"} <= set(told)
    books = Books()
    for event in events:
        books.take(event)
    assert list(books.findings()) == []
    assert books.totals().waiting_mwh == books.totals().live_mwh == 0
    assert books.totals().redeemed_mwh + books.totals().expired_mwh == books.totals().certified_mwh


def test_households_stand_nowhere_in_the_open():
    data = b"".join(lives.sample(rows=400, seed=9))
    imports = Imports().take(HISTORIES, data)
    named = {
        command["body"]["owner"]["eic"]
        for line in data.splitlines()
        for command in json.loads(line)["commands"]
        if "owner" in command["body"]
    }
    assert len(named) > 5
    written = repr([event.data for stream in imports.streams.values() for event in stream.events])
    assert not any(code in written for code in named)
