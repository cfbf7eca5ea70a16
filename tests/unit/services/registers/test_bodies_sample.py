"""Samples of legal entities and schools: seeded, streamed, of nobody, admitted whole, and dirty on request."""

import itertools

import pytest

from litopys.service.codes import check_edrpou
from services.registers.importers import ENTITIES_XML, SCHOOLS
from services.registers.sample.bodies import body_code
from services.registers.sample.edr import sample_entities
from services.registers.sample.schools import sample_schools
from services.registers.sector import SECTOR
from tests.support.memory_imports import MemoryImports

SAMPLES = pytest.mark.parametrize(
    ("make", "importer"), [(sample_entities, ENTITIES_XML), (sample_schools, SCHOOLS)], ids=["entities", "schools"]
)


def made(make, rows=300, seed=7, events_per_row=4.0, dirt=False) -> bytes:
    return b"".join(make(rows=rows, seed=seed, events_per_row=events_per_row, dirt=dirt))


@SAMPLES
def test_same_seed_same_bytes(make, importer):
    del importer
    assert made(make) == made(make)
    assert made(make) != made(make, seed=8)
    pieces = make(rows=10**9, seed=1, events_per_row=4.0, dirt=True)
    assert sum(map(len, itertools.islice(pieces, 3))) < 2_000_000


@SAMPLES
def test_every_row_is_admitted_and_merged_when_it_comes_again(make, importer):
    memory = MemoryImports(SECTOR)
    data = made(make)
    assert memory.run(importer, data).sums[:2] == (300, 0)
    assert memory.run(importer, data).sums == (0, 300, 0, 0)


@pytest.mark.parametrize("ratio", [1.0, 2.5, 5.0, 9.0])
def test_an_entity_comes_to_as_many_events_as_asked_for(ratio):
    memory = MemoryImports(SECTOR)
    report = memory.run(ENTITIES_XML, made(sample_entities, events_per_row=ratio))
    assert abs(report.counts["events"] / 300 - ratio) < 0.25 * ratio
    told = {fact.name for stream in memory.of("legal_entity") for fact in stream.facts}
    if ratio > 5:
        assert {"founder_joined", "signer_appointed", "bankruptcy_opened", "termination_decided", "terminated"} <= told


@pytest.mark.parametrize("ratio", [1.1, 1.5, 2.0])
def test_schools_share_entities_where_fewer_events_are_asked_for(ratio):
    report = MemoryImports(SECTOR).run(SCHOOLS, made(sample_schools, events_per_row=ratio))
    assert abs(report.counts["events"] / 300 - ratio) < 0.1


def test_codes_are_sound_and_of_nobody():
    codes = {body_code(number, 7) for number in range(100_000)}
    assert len(codes) == 100_000
    assert all(check_edrpou(code) == "valid" and code >= "60000000" for code in itertools.islice(codes, 2_000))


@SAMPLES
def test_dirt_is_flagged_or_refused(make, importer):
    memory = MemoryImports(SECTOR)
    data = made(make, rows=1000, dirt=True)
    assert data == made(make, rows=1000, dirt=True)
    report = memory.run(importer, data)
    admitted, merged, flagged, refused = report.sums
    assert (admitted + merged + refused, merged) == (1000, 0)
    assert flagged > 10
    assert 0 < refused < 50
