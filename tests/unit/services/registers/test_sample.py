import io
import itertools
from collections import Counter

import pytest
from stdnum.ua import edrpou, rntrc

from litopys.errors import RuleViolated
from litopys.exports.geojson import read_rows
from litopys.service.imports.importer import ImportMark
from litopys.sourcing.context import Context
from services.registers.importers import TITLES
from services.registers.sample.features import cadastral_number, sample
from tests.support.parcels import Parcel

MARK = ImportMark("d" * 32, 1, 0)


def test_same_seed_same_bytes():
    one = b"".join(sample(rows=450, seed=7))
    assert one == b"".join(sample(rows=450, seed=7))
    assert one != b"".join(sample(rows=450, seed=8))


def test_it_streams():
    pieces = sample(rows=10**9, seed=1)
    assert sum(map(len, itertools.islice(pieces, 3))) < 2_000_000


def test_numbers_are_unique_and_of_nowhere():
    numbers = {cadastral_number(i, 7) for i in range(0, 200_000, 7)}
    assert len(numbers) == len(range(0, 200_000, 7))
    assert all(number.startswith("99") for number in numbers)


@pytest.mark.parametrize("ratio", [1.0, 4.0, 9.0])
def test_every_row_is_admitted_and_the_ratio_is_about_right(ratio):
    data = b"".join(sample(rows=300, seed=11, events_per_row=ratio))
    events = Counter()
    for row in read_rows(io.BytesIO(data), number=1, offset=0):
        (target,) = TITLES.targets(row)
        subject = f"{target.aggregate}:{target.key}"
        parcel = Parcel(subject, seed=row.number)
        context = Context(subject=subject, version=0, actor="importer", time="2026-11-23T10:00:00.000Z")
        verdict = TITLES.decide(
            row, target, None, context=context, mark=MARK, sealing=parcel.sealing, already=False, before={}
        )
        for one in verdict.decided:
            parcel.take(one)
            events[one.name] += 1
    assert abs(sum(events.values()) / 300 - ratio) < 0.25 * ratio
    if ratio > 4:
        assert {"title_transferred", "mortgaged", "seizure_lifted", "inherited", "use_right_ended"} <= set(events)


def test_persons_do_not_exist_and_most_codes_are_sound():
    data = b"".join(sample(rows=400, seed=3))
    persons = [
        person
        for row in read_rows(io.BytesIO(data), number=1, offset=0)
        for owner in row.value.properties["title"]["owners"]
        for person in owner["persons"]
    ]
    coded = [person for person in persons if person["code"] is not None]
    sound = [p for p in coded if (rntrc if p["kind"] == "natural" else edrpou).is_valid(p["code"])]
    assert all(person["code"].startswith("99") for person in coded)
    assert 0.9 < len(sound) / len(coded) < 1.0
    assert len(coded) < len(persons)


def test_dirt_is_seeded_and_some_of_it_is_refused():
    data = b"".join(sample(rows=400, seed=3, dirt=True))
    assert data == b"".join(sample(rows=400, seed=3, dirt=True))
    refused = 0
    for row in read_rows(io.BytesIO(data), number=1, offset=0):
        assert row.refusal is None
        try:
            (target,) = TITLES.targets(row)
            parcel = Parcel(f"land_parcel:{target.key}", seed=row.number)
            context = Context(subject=parcel.subject, version=0, actor="importer", time="2026-11-23T10:00:00.000Z")
            TITLES.decide(
                row, target, None, context=context, mark=MARK, sealing=parcel.sealing, already=False, before={}
            )
        except RuleViolated:
            refused += 1
    assert 5 <= refused <= 25
