"""The register of schools: what each row becomes, and the whole real file where there is one."""

import csv
import json
from dataclasses import asdict
from pathlib import Path

import pytest

from services.registers.importers import IMPORTERS, SCHOOLS
from services.registers.importers.schools import _DETAILS, _PLACE, REPEATED
from services.registers.sector import SECTOR
from tests.support.memory_imports import MemoryImports
from tests.support.real_files import real_file

COLUMNS = (
    "university_name;edrpou;university_type_name;education_type_name;university_level;location_type;"
    "university_financing_type_name;post_index;koatuu_id;language;koatuu_name;university_address;post_index_u;"
    "koatuu_id_u;region_name_u;koatuu_name_u;university_address_u;university_site"
)
NAMES = COLUMNS.split(";")
SCHOOL = {
    "university_name": 'Ліцей "Перший"',
    "edrpou": "99000011",
    "university_type_name": "заклад середньої освіти",
    "education_type_name": "ліцей",
    "university_level": "I-III",
    "location_type": "МІСТО",
    "university_financing_type_name": "комунальна",
    "post_index": "55202",
    "koatuu_id": "4810400000",
    "language": "! not applicable",
    "koatuu_name": "Вигадане",
    "university_address": "вул. Уявна, 1",
    "region_name_u": "Вигадана область",
    "university_site": "",
}


def school(**changes) -> dict:
    given = {**SCHOOL, **changes}
    repeated = {name: given[other] for name, other in REPEATED.items()}
    return {**repeated, **given}


def table(*schools: dict) -> bytes:
    lines = [COLUMNS]
    lines += [";".join('"' + one[name].replace('"', '""') + '"' for name in NAMES) for one in schools]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def imports() -> MemoryImports:
    return MemoryImports(SECTOR)


def row_of(stream) -> dict[str, str]:
    """Put a row together again from what the latest event of a school holds."""
    state, data = stream.state, stream.facts[-1].data
    found = {"university_name": state.details.name, "edrpou": state.owner.edrpou or state.owner.other_code}
    found |= {column: asdict(state.details)[field] for field, column in _DETAILS.items()}
    found |= {column: asdict(state.place)[field] for field, column in _PLACE.items()}
    original = {one.name: json.loads(one.text) for one in data.original}
    found |= {column: text for column, text in original.items() if column not in REPEATED}
    found |= {column: original.get(column, found[other]) for column, other in REPEATED.items()}
    return {column: text or "" for column, text in found.items()}


def test_a_row_speaks_of_an_entity_and_of_a_school():
    memory = imports()
    assert memory.run(SCHOOLS, table(school())).sums == (1, 0, 0, 0)
    (entity,), (found,) = memory.of("legal_entity"), memory.of("establishment")
    assert (entity.state.edrpou, entity.state.naming.name) == ("99000011", None)
    assert found.subject.startswith("establishment:schools:")
    assert found.state.owner.entity == entity.subject
    assert found.events[0].cites == ((entity.subject, 1),)
    assert row_of(found) == school()


def test_schools_share_an_entity_that_is_recorded_once():
    memory = imports()
    data = table(school(), school(university_name="Ліцей № 2"))
    assert memory.run(SCHOOLS, data).sums == (2, 0, 0, 0)
    assert len(memory.of("legal_entity")) == 1
    assert len({one.state.owner.entity for one in memory.of("establishment")}) == 1
    assert memory.run(SCHOOLS, data).sums == (0, 2, 0, 0)


@pytest.mark.parametrize("code", ["1111", "093016", "99000015", "00000000", "12345679", "", "null", "9900001O"])
def test_a_code_that_is_none_is_kept_as_a_text_and_flagged(code):
    memory = imports()
    report = memory.run(SCHOOLS, table(school(edrpou=code)))
    assert report.sums == (1, 0, 1, 0)
    assert memory.of("legal_entity") == []
    (found,) = memory.of("establishment")
    assert (found.state.owner.entity, found.state.owner.edrpou) == (None, None)
    assert row_of(found) == school(edrpou=code)


@pytest.mark.parametrize(
    "changes",
    [
        {"koatuu_name": "null"},
        {"koatuu_id": "48104"},
        {"post_index": "", "koatuu_name_u": "інше"},
        {"university_address": " вул.  Уявна,\n1 "},
        {"university_site": "x" * 300},
        {"university_level": "-"},
        {"university_name": "ї" * 700},
    ],
)
def test_every_column_is_found_again(changes):
    memory = imports()
    memory.run(SCHOOLS, table(school(**changes)))
    (found,) = memory.of("establishment")
    assert row_of(found) == school(**changes)


def test_a_short_postcode_is_kept_and_flagged():
    memory = imports()
    report = memory.run(SCHOOLS, table(school(post_index="5520")))
    assert [flag for _, flag in report.flags] == ["post_index is not of five digits: kept as it stands"]
    assert memory.of("establishment")[0].state.place.postcode == "5520"


def test_a_newer_snapshot_admits_what_changed_and_lists_what_vanished():
    memory = imports()
    one, two, gone = school(), school(university_name="№ 2"), school(university_name="№ 3", edrpou="99000028")
    memory.run(SCHOOLS, table(one, two, gone))
    newer = table(one, {**two, "post_index": "55203", "post_index_u": "55203"}, school(university_name="№ 4"))
    report = memory.run(SCHOOLS, newer)
    assert report.sums == (2, 1, 0, 0)
    assert sorted(report.vanished) == ["99000028", "99000028 № 3"]
    changed = next(one for one in memory.of("establishment") if one.version == 2)
    assert changed.facts[1].name == "details_changed"
    assert row_of(changed)["post_index"] == "55203"


@pytest.mark.parametrize(("bad", "reason"), [(b"a;b\r\n", "fields"), (b'"x;1\r\n', "quote")])
def test_a_bad_row_is_refused(bad, reason):
    report = imports().run(SCHOOLS, table(school()) + bad)
    assert report.sums == (1, 0, 0, 1)
    assert reason in report.refusals[0][1]
    assert imports().run(SCHOOLS, table(school(university_name=""))).sums == (0, 0, 0, 1)


def test_the_file_is_known(tmp_path: Path):
    path = tmp_path / "schools"
    path.write_bytes(table(school()))
    assert [one.name for one in IMPORTERS if one.recognises(path)] == ["schools"]
    assert SCHOOLS.count_rows(path) == 1


def test_the_real_register_goes_through():
    path = real_file("registers", "legal_entities_schools_edrpou.csv")
    memory = imports()
    report = memory.run(SCHOOLS, path)
    assert report.counts["read"] == 4836
    assert report.sums == (4836, 0, 50, 0)
    flags = [flag for _, flag in report.flags]
    assert sum("fails its check" in flag for flag in flags) == 22
    assert sum("stands for none" in flag for flag in flags) == 14
    assert sum("post_index" in flag for flag in flags) == 14
    assert (len(memory.of("legal_entity")), len(memory.of("establishment"))) == (4776, 4836)
    with path.open(encoding="utf-8-sig", newline="") as file:
        source = sorted(map(tuple, (row.values() for row in csv.DictReader(file, delimiter=";"))))
    found = [row_of(stream) for stream in memory.of("establishment")]
    assert sorted(tuple(row[name] for name in NAMES) for row in found) == source
    assert memory.run(SCHOOLS, path).sums == (0, 4836, 0, 0)


def test_what_the_export_says_is_as_of_its_day():
    memory = MemoryImports(SECTOR, as_of="2021-09-01")
    memory.run(SCHOOLS, table(school()))
    memory.run(SCHOOLS, table(school(university_site="http://x.example.ua")))
    recorded, changed = memory.of("establishment")[0].facts
    assert (recorded.data.as_of, changed.data.valid_from) == ("2021-09-01", "2021-09-01")
