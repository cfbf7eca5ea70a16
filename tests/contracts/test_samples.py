"""What every sector's samples and importers keep: each sample goes through its importer into a real store."""

import io
import itertools

import pytest

from litopys.service.imports import frame as import_frame
from litopys.service.imports.histories import importers_of
from services.catalogue import load_sector, sector_names
from tests.support.unsealed import import_twice

ROWS = 120
SAMPLES = [
    pytest.param(name, sample, id=f"{name}-{sample.name}")
    for name in sector_names()
    for sample in load_sector(name).samples
]
# What has no sample, and why.
WITHOUT = {
    "registers entities-json": "says what entities-xml says, in another form",
    "energy solar-output": "plant-output of a plant that the file does not name",
    "energy wind-output": "plant-output of a plant that the file does not name",
}


def make(sample, *, rows=ROWS, seed=3, dirt=False) -> bytes:
    return b"".join(sample.make(rows=rows, seed=seed, events_per_row=3.0, dirt=dirt))


@pytest.mark.parametrize("sector", sector_names())
def test_samples_have_names_of_their_own_and_an_importer(sector):
    described = load_sector(sector)
    names = [sample.name for sample in described.samples]
    assert len(set(names)) == len(names)
    assert {sample.importer for sample in described.samples} <= {one.name for one in importers_of(described)}


@pytest.mark.parametrize("sector", sector_names())
def test_every_stream_and_every_importer_has_a_sample(sector):
    described = load_sector(sector)
    importers = {one.name: one for one in importers_of(described)}
    spoken_of = set()
    for sample in described.samples:
        rows = importers[sample.importer].rows(io.BytesIO(make(sample, rows=40)), number=1, offset=0)
        spoken_of |= {target.aggregate for row in rows for target in importers[sample.importer].targets(row)}
    wanted = {one.name for one in described.aggregates} | {one.name for one in described.importers}
    lacking = wanted - spoken_of - {sample.importer for sample in described.samples}
    assert lacking == {name.split()[1] for name in WITHOUT if name.split()[0] == sector}


@pytest.mark.parametrize(("sector", "sample"), SAMPLES)
def test_the_same_seed_makes_the_same_sample(sector, sample):
    assert make(sample) == make(sample) != make(sample, seed=4)
    assert make(sample, dirt=True) == make(sample, dirt=True) != make(sample)


@pytest.mark.parametrize(("sector", "sample"), SAMPLES)
def test_a_sample_is_made_piece_by_piece(sector, sample):
    pieces = sample.make(rows=10**9, seed=3, events_per_row=1.0, dirt=False)
    assert sum(len(piece) for piece in itertools.islice(pieces, 3)) < 8_000_000


@pytest.mark.parametrize(("sector", "sample"), SAMPLES)
@pytest.mark.parametrize("dirt", [False, True], ids=["clean", "dirty"])
def test_it_is_imported_once_and_the_counts_add_up(sector, sample, dirt, database, tmp_path, monkeypatch):
    monkeypatch.setattr(import_frame, "_OPENING_S", 0.0)
    described = load_sector(sector)
    # Some exports are told apart by their names: those have the importer in it.
    path = tmp_path / f"{sample.importer}.{sample.name}"
    path.write_bytes(make(sample, dirt=dirt))
    (importer,) = [one for one in importers_of(described) if one.name == sample.importer]
    first, again = import_twice(described, database, importer, path)
    assert first.admitted + first.merged + first.refused == first.read
    assert first.admitted > 0
    assert first.events >= first.admitted
    if not dirt:
        assert first.refused == 0, "without dirt, all rows are admitted"
    assert (again.admitted, again.events) == (0, 0), "an importer admits nothing twice"
    assert again.read == first.read
    assert again.refused == first.refused


@pytest.mark.parametrize(("sector", "sample"), SAMPLES)
def test_a_sample_is_recognised_by_its_importer_alone(sector, sample, tmp_path):
    path = tmp_path / f"{sample.importer}.{sample.name}"
    path.write_bytes(make(sample, rows=5))
    assert [one.name for one in importers_of(load_sector(sector)) if one.recognises(path)] == [sample.importer]
