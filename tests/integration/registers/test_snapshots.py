"""Snapshots of the EDR on a real store: persons are compared with what the sector holds of them."""

import re
from pathlib import Path

import pytest

from litopys.service.imports import frame as import_frame
from services.registers.importers import ENTITIES_XML
from services.registers.sample.edr import sample_entities
from services.registers.sector import SECTOR
from tests.support.unsealed import import_each

FOUNDER = re.compile("<FOUNDER>[^<]*</FOUNDER>")


@pytest.fixture(autouse=True)
def nobody_seals(monkeypatch):
    monkeypatch.setattr(import_frame, "_OPENING_S", 0.0)


def written(path: Path, records: list[str]) -> Path:
    path.write_text('<?xml version="1.0" encoding="UTF-8"?>\n<DATA>\n' + "\n".join(records) + "\n</DATA>\n")
    return path


def test_a_newer_snapshot_admits_what_changed_in_the_persons(database, tmp_path):
    data = b"".join(sample_entities(rows=40, seed=9, events_per_row=8.0, dirt=False)).decode()
    records = data.split("\n")[2:-2]
    living = [place for place, one in enumerate(records) if FOUNDER.search(one) and "TERMINATED_INFO" not in one]
    left, joined, moved = living[:3]
    newer = list(records)
    newer[left] = FOUNDER.sub("", records[left], count=1)
    newer[joined] = records[joined].replace("</FOUNDERS>", "<FOUNDER>Новак Нова; Україна; 1,00</FOUNDER></FOUNDERS>")
    newer[moved] = FOUNDER.sub(lambda found: found[0].replace("Україна", "Кіпр"), records[moved], count=1)
    paths = [written(tmp_path / name, lines) for name, lines in (("one.xml", records), ("two.xml", newer))]
    first, second, again = import_each(SECTOR, database, ENTITIES_XML, [*paths, paths[1]])
    assert (first.admitted, first.refused) == (40, 0)
    assert (second.admitted, second.merged, second.refused) == (3, 37, 0)
    assert second.events == 3
    assert (again.admitted, again.merged) == (0, 40)


def test_one_record_twice_in_a_batch_is_compared_with_itself(database, tmp_path):
    data = b"".join(sample_entities(rows=1, seed=9, events_per_row=6.0, dirt=False)).decode()
    (record,) = data.split("\n")[2:-2]
    other = record.replace("</FOUNDERS>", "<FOUNDER>Новак Нова; Україна; 1,00</FOUNDER></FOUNDERS>")
    assert other != record
    (counts,) = import_each(SECTOR, database, ENTITIES_XML, [written(tmp_path / "one.xml", [record, other])])
    assert (counts.admitted, counts.refused) == (2, 0)
    assert counts.events > 2
