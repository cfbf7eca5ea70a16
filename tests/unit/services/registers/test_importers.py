import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from litopys.errors import Malformed, RuleViolated
from litopys.exports.decimals import minor_units
from litopys.exports.geojson import count_rows, read_rows
from litopys.exports.json_text import NumberText, read_json, write_json
from litopys.exports.rows import Row
from litopys.exports.tokens import CHUNK_BYTES, MOST_VALUE_BYTES
from litopys.service.imports.importer import ImportMark
from litopys.sourcing.context import Context
from services.registers.importers import IMPORTERS, PARCELS, TITLES, VALUATIONS
from services.registers.importers.areas import square_metres
from tests.support.parcels import Parcel, sealing

MARK = ImportMark("c" * 32, 3, 4711)
HEAD = '{"crs":{"properties":{"name":"EPSG:4326"},"type":"name"},"type":"FeatureCollection","features":[\n'
GEOMETRY = {
    "coordinates": "@[[[33.9401840,49.297266],[33.938536,4.9299035e1],[33.9401840,49.297266]]]",
    "type": "Polygon",
}
PROPERTIES = {
    "address": "",
    "area": "@3.4800",
    "cadnum": "5322081200:00:001:0001",
    "category": "Землі сільськогосподарського призначення",
    "id": "@595517145",
    "ownership": "Приватна власність",
    "ownershipcode": "@100",
    "purpose": "01.01 Для ведення товарного сільськогосподарського виробництва",
    "purpose_code": "01.01",
    "unit_area": "га",
    "use": "Для ведення  товарного\\n",
}
VALUED = {
    **PROPERTIES,
    "area": "4.5",
    "ownershipcode": "0",
    "valuation_date": "2021-11-03 16:03:48",
    "valuation_value": "101914.09",
}


def text_of(value) -> str:
    """JSON in which a text that begins with @ stands bare, digit for digit."""
    if isinstance(value, dict):
        return "{" + ",".join(f'"{name}":{text_of(item)}' for name, item in value.items()) + "}"
    if isinstance(value, str):
        return value[1:] if value.startswith("@") else f'"{value}"'
    return json.dumps(value)


def feature(properties=None, geometry=None, **others) -> str:
    members = {"geometry": geometry or GEOMETRY, "properties": properties or PROPERTIES, "type": "Feature", **others}
    return text_of(members)


def collection(*features: str) -> bytes:
    return (HEAD + ",\n".join(features) + "]}").encode()


def rows(data: bytes, number: int = 1, offset: int = 0) -> list[Row]:
    return list(read_rows(io.BytesIO(data), number=number, offset=offset))


def take(importer, data: bytes, parcel: Parcel | None = None, already: bool = False) -> Parcel:
    """Import every row of a file, all of one parcel."""
    parcel = parcel or Parcel()
    for row in rows(data):
        assert row.refusal is None
        context = Context(
            subject=parcel.subject, version=parcel.version, actor="importer", time="2026-11-23T10:00:00.000Z"
        )
        (target,) = importer.targets(row)
        verdict = importer.decide(
            row,
            target,
            parcel.state,
            context=context,
            mark=MARK,
            sealing=parcel.sealing,
            already=already,
            before={},
        )
        for one in verdict.decided:
            parcel.take(one, "importer")
    return parcel


def test_rows_have_their_place():
    data = collection(feature(), feature(others=1), feature())
    found = rows(data)
    assert [row.number for row in found] == [1, 2, 3]
    for row in found:
        assert data[row.offset : row.end] == row.content
        assert row.value.crs == "EPSG:4326"
    assert rows(data, number=2, offset=found[0].end) == found[1:]
    assert rows(data, number=4, offset=found[2].end) == []


def test_rows_across_the_edges_of_what_is_read_at_once():
    many = collection(*[feature({**PROPERTIES, "id": f"@{i}", "address": "ї" * (i % 700)}) for i in range(1500)])
    assert len(many) > 3 * CHUNK_BYTES
    found = rows(many)
    assert [row.value.properties["id"] for row in found] == [str(i) for i in range(1500)]
    for begin in (1, 77, 1499):
        assert rows(many, number=begin + 1, offset=found[begin - 1].end) == found[begin:]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("null", "bare value"),
        ("[]", "not a feature"),
        ('{"type":"Feature"}', "no properties"),
        ('{"type":"Other","properties":{}}', "not a feature"),
        ('{"type":"Feature","properties":{"a":1,"a":2}}', "twice"),
        ('{"type":"Feature","properties":{"a":NaN}}', "NaN"),
        ('{"type":"Feature","properties":{"a":nul}}', "not JSON"),
        ('{"type":"Feature","properties":{},"geometry":[]}', "geometry"),
    ],
)
def test_a_bad_row_is_refused_and_the_next_one_read(bad, reason):
    found = rows(collection(feature(), bad, feature()))
    assert [row.refusal is None for row in found] == [True, False, True]
    assert reason in found[1].refusal
    assert [row.number for row in found] == [1, 2, 3]


def test_bytes_that_are_no_utf8_are_refused():
    data = collection(feature(), feature()).replace("Приватна".encode(), b"\xd0\xff", 1)
    assert [row.refusal is None for row in rows(data)] == [False, True]


def test_a_cut_file_says_so_once():
    data = collection(feature(), feature(), feature())
    for end in (len(data) - 100, len(data) - 2, len(HEAD)):
        cut = data[:end]
        found = rows(cut)
        assert [row.refusal for row in found if row.refusal] == ["the file ends before its list of features does"]
        assert rows(cut, number=found[-1].number + 1, offset=found[-1].end) == []


def test_what_follows_the_features_is_reported():
    found = rows(collection(feature())[:-1] + b', "more": 1}')
    assert [row.refusal for row in found] == [None, "members after the features are not read"]


@pytest.mark.parametrize("data", [b"", b"[]", b'{"type":"FeatureCollection"}', b"no json", b'{"a":{"features":[]}}'])
def test_what_is_no_collection_is_refused(data):
    with pytest.raises(Malformed):
        rows(data)


def test_a_record_too_long_is_refused_in_bounded_memory():
    long = feature({**PROPERTIES, "use": "x" * 100, "list": "@[" + "[1]," * (MOST_VALUE_BYTES // 2) + "[1]]"})
    found = rows(collection(feature(), long, feature()))
    assert [row.refusal for row in found] == [None, "the record is too long to be one feature", None]


def source_of(recorded) -> dict:
    """Put a feature together again from what its event holds."""
    found = {original.name: original.text for original in recorded.original}
    for name in ("address", "category", "purpose_code", "purpose", "use"):
        value = getattr(recorded.state.details, name)
        if value is not None:
            assert name not in found
            found[name] = json.dumps(value, ensure_ascii=False)
    if recorded.boundary is not None:
        found["geometry"] = (recorded.boundary.kind, recorded.boundary.coordinates)
    return found


def check_found_again(row: Row, recorded, elsewhere=()) -> None:
    """Nothing lost, nothing changed: every member of the source stands in the event, digit for digit."""
    found = source_of(recorded)
    value = row.value
    expected = {name: write_json(item) for name, item in value.properties.items() if name not in ("cadnum", *elsewhere)}
    if value.geometry is not None:
        expected["geometry"] = (value.geometry["type"], write_json(value.geometry["coordinates"]))
    assert found == expected
    assert recorded.boundary is None or recorded.boundary.crs == value.crs


def test_a_parcel_is_taken_over_whole():
    data = collection(feature())
    parcel = take(PARCELS, data)
    recorded = parcel.facts[0].data
    check_found_again(rows(data)[0], recorded)
    assert parcel.state.area_m2 == 34800
    assert parcel.state.details.ownership == "private"
    assert recorded.boundary.coordinates == GEOMETRY["coordinates"][1:]
    assert {o.name: o.text for o in recorded.original}["area"] == "3.4800"
    assert (recorded.imported.id, recorded.imported.record, recorded.imported.offset) == MARK[:3]
    assert parcel.state.holdings == ()


def test_what_no_event_may_hold_is_kept_escaped():
    odd = {**PROPERTIES, "use": "a\\u0000b\\ud800", "address": "\\u007f", "other": {"z": "@1e400", "null": None}}
    data = collection(feature(odd))
    recorded = take(PARCELS, data).facts[0].data
    originals = {o.name: o.text for o in recorded.original}
    assert originals["use"] == '"a\\u0000b\\ud800"'
    assert originals["other"] == '{"z":1e400,"null":null}'
    assert read_json(originals["use"].encode()) == rows(data)[0].value.properties["use"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"area": "@3.48001"}, "area-form"),
        ({"area": "@0"}, "area-form"),
        ({"area": "@-1"}, "area-form"),
        ({"area": "@1e2"}, "area-form"),
        ({"area": None}, "area-form"),
        ({"unit_area": "соток"}, "area-unit"),
        ({"ownershipcode": "@150"}, "ownership-code"),
    ],
)
def test_rows_without_a_meaning_are_refused(changes, code):
    with pytest.raises(RuleViolated, match=rf"^{code}"):
        take(PARCELS, collection(feature({**PROPERTIES, **changes})))


@pytest.mark.parametrize(
    "number", ["", "5322081200:00:001:001", "53220812OO:00:001:0001", " 5322081200:00:001:0001", None]
)
def test_a_row_without_its_number_is_refused(number):
    row = rows(collection(feature({**PROPERTIES, "cadnum": number})))[0]
    with pytest.raises(RuleViolated, match=r"^cadastral-number"):
        PARCELS.targets(row)


@pytest.mark.parametrize(
    "geometry", [{"type": "Point", "coordinates": "@[1,2]"}, {"type": "Polygon", "coordinates": '@["a"]'}]
)
def test_other_geometries_are_refused(geometry):
    with pytest.raises(RuleViolated, match=r"^geometry-kind"):
        take(PARCELS, collection(feature(geometry=geometry)))


def test_the_same_again_says_nothing_and_other_content_is_a_change():
    parcel = take(PARCELS, collection(feature()))
    take(PARCELS, collection(feature()), parcel)
    assert parcel.version == 1
    other = {**PROPERTIES, "area": "@3.4801", "purpose_code": "01.03"}
    take(PARCELS, collection(feature(other)), parcel, already=True)
    assert [fact.name for fact in parcel.facts] == ["recorded", "corrected", "boundary_corrected"]
    assert (parcel.state.area_m2, parcel.state.details.purpose_code) == (34801, "01.03")
    assert parcel.events[1].cites == ((f"registers_import:{MARK.import_id}", 1),)
    with pytest.raises(RuleViolated, match=r"^change-without-place"):
        take(PARCELS, collection(feature({**other, "id": "@7"})), parcel, already=True)


def test_a_valuation_opens_or_values():
    data = collection(feature(VALUED))
    parcel = take(VALUATIONS, data)
    assert [fact.name for fact in parcel.facts] == ["recorded", "valued"]
    assert parcel.state.valuation.amount.minor == 10191409
    assert parcel.state.valuation.valid_from == "2021-11-03"
    raw = {o.name: o.text for o in parcel.facts[1].data.original}
    assert raw == {"valuation_date": '"2021-11-03 16:03:48"', "valuation_value": '"101914.09"'}
    check_found_again(rows(data)[0], parcel.facts[0].data, elsewhere=tuple(raw))
    take(VALUATIONS, data, parcel)
    assert parcel.version == 2
    known = take(PARCELS, collection(feature()))
    take(VALUATIONS, data, known)
    assert [fact.name for fact in known.facts] == ["recorded", "valued"]
    assert {o.name for o in known.facts[1].data.original} >= {"valuation_date", "area", "ownershipcode", "ownership"}
    assert known.state.area_m2 == 34800  # the cadastre's own export says what the area is


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"valuation_value": "1.234"}, "amount-form"),
        ({"valuation_value": "1,5"}, "amount-form"),
        ({"valuation_date": "2021-02-30 16:03:48"}, "valuation-form"),
        ({"valuation_date": "03.11.2021"}, "valuation-form"),
        ({"valuation_date": None}, "valuation-form"),
    ],
)
def test_a_valuation_without_amount_or_day_is_refused(changes, code):
    with pytest.raises(RuleViolated, match=rf"^{code}"):
        take(VALUATIONS, collection(feature({**VALUED, **changes})))


def test_importers_know_their_files(tmp_path: Path):
    titled = {**PROPERTIES, "title": None, "history": "@[]"}
    for importer, properties in ((PARCELS, PROPERTIES), (VALUATIONS, VALUED), (TITLES, titled)):
        path = tmp_path / importer.name
        path.write_bytes(collection(feature(properties), feature(properties)))
        assert [one.name for one in IMPORTERS if one.recognises(path)] == [importer.name]
        assert count_rows(path) == 2
    other = tmp_path / "other"
    other.write_bytes(b"a;b\n")
    assert not [one for one in IMPORTERS if one.recognises(other)]
    assert count_rows(other) is None


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [("3.48", "га", 34800), ("0.0159", "га", 159), ("9.26760", "га", 92676), ("12", "кв.м", 12), ("12.0", "м2", 12)],
)
def test_areas_are_exact(text, unit, expected):
    assert square_metres(text, unit) == expected


@pytest.mark.parametrize(("text", "minor"), [("101914.09", 10191409), ("5", 500), ("0.1", 10), ("7.500", 750)])
def test_amounts_are_exact(text, minor):
    assert minor_units(text) == minor


@pytest.mark.parametrize(
    "text", ["-0", "1.50", "1E+2", "0.10", "[1,2.0,[]]", '{"a":-0.0,"б":null}', '"\\\\ \\" \\n"', "true"]
)
def test_json_stays_the_text_that_it_was(text):
    assert write_json(read_json(text.encode())) == text


def test_numbers_are_no_texts():
    assert isinstance(read_json(b"1"), NumberText)
    titled = {**PROPERTIES, "title": {"since": "@2015", "registrar": "r", "owners": "@[]"}}
    with pytest.raises(RuleViolated, match=r"^history-form"):
        take(TITLES, collection(feature(titled)))


def person(**changes) -> dict:
    return {"kind": "natural", "name": "Зразко", "code": "9900012342", "document": None, "address": None, **changes}


def owner(label: str, share: str = "1/1", *persons: dict) -> dict:
    return {"label": label, "share": share, "persons": "@[" + ",".join(map(text_of, persons or (person(),))) + "]"}


def listed(*items: dict) -> str:
    return "@[" + ",".join(map(text_of, items)) + "]"


def titled(*acts: dict, **title) -> bytes:
    given = {"since": "2015-03-02", "registrar": "Р-1", "owners": listed(owner("a")), **title}
    return collection(feature({**PROPERTIES, "title": given, "history": listed(*acts)}))


def test_a_life_is_imported_act_by_act():
    base = {"document": "документ 1"}
    data = titled(
        {
            "act": "mortgage",
            "on": "2016-01-01",
            **base,
            "mortgagee": person(kind="legal"),
            "amount": "10.5",
            "until": None,
        },
        {"act": "consent_to_transfer", "on": "2016-05-01", **base, "mortgage": "@1", "until": None},
        {
            "act": "transfer_title",
            "on": "2016-06-01",
            **base,
            "ground": "sale",
            "owners": listed(owner("b", "1/2"), owner("c", "1/2", person(code=None, document="п"))),
        },
        {"act": "release_mortgage", "on": "2017-01-01", **base, "number": "@1"},
        {"act": "inherit", "on": "2018-01-01", **base, "holder": "b", "owners": listed(owner("d", "1/2"))},
        {
            "act": "transfer_share",
            "on": "2019-01-01",
            **base,
            "holder": "d",
            "ground": "gift",
            "owners": listed(owner("e", "1/4")),
        },
        {"act": "impose_seizure", "on": "2020-01-01", **base, "authority": "суд", "until": None},
        {"act": "lift_seizure", "on": "2020-02-01", **base, "number": "@1"},
        {"act": "register_use_right", "on": "2020-03-01", **base, "kind": "lease", "holder": person(), "until": "2030"},
        {"act": "end_use_right", "on": "2021-03-01", **base, "number": "@1"},
        {"act": "value", "on": "2022", **base, "amount": "5.00"},
        {"act": "close", "on": "2023", **base, "reason": "скасування"},
    )
    parcel = take(TITLES, data)
    assert [fact.name for fact in parcel.facts] == [
        "recorded",
        "mortgaged",
        "mortgagee_consented",
        "title_transferred",
        "mortgage_released",
        "inherited",
        "share_transferred",
        "seizure_imposed",
        "seizure_lifted",
        "use_right_registered",
        "use_right_ended",
        "valued",
        "closed",
    ]
    assert sorted(parcel.shares()) == ["1/2", "1/4", "1/4"]
    assert all(fact.data.imported.record == 3 for fact in parcel.facts)
    assert set(parcel.events[3].cites) == {(parcel.subject, 3), (f"registers_import:{MARK.import_id}", 1)}
    again = take(TITLES, data, parcel)
    assert again.version == 13


@pytest.mark.parametrize(
    "act",
    [
        {"act": "unknown", "on": "2016", "document": "д"},
        {"act": "release_mortgage", "on": "2016", "document": "д"},
        {"act": "release_mortgage", "on": "2016", "document": "д", "number": "1"},
        {"act": "release_mortgage", "on": "2016-13", "document": "д", "number": "@1"},
        {"act": "release_mortgage", "on": "2016", "document": "д", "number": "@1", "more": None},
        {"act": "inherit", "on": "2016", "document": "д", "holder": "z", "owners": "@[]"},
        {"act": "transfer_title", "on": "2016", "document": "д", "ground": "sale", "owners": listed({"label": "b"})},
    ],
)
def test_a_history_of_another_form_is_refused(act):
    with pytest.raises(RuleViolated, match=r"^history-form"):
        take(TITLES, titled(act))


def test_a_history_against_the_rules_is_refused_whole():
    seized = {"act": "impose_seizure", "on": "2016", "document": "д", "authority": "суд", "until": None}
    sold = {"act": "transfer_title", "on": "2017", "document": "д", "ground": "sale", "owners": listed(owner("b"))}
    with pytest.raises(RuleViolated, match=r"^under-seizure"):
        take(TITLES, titled(seized, sold))


def test_an_inherited_contradiction_is_listed():
    parcel = take(TITLES, titled(owners=listed(owner("a", "1/2"), owner("b", "1/3", person(code="7")))))
    assert parcel.state.standing.inconsistent == ("shares-not-whole",)


def test_sealing_is_of_the_row(tmp_path):
    del tmp_path
    one, other = Parcel(seed=1), Parcel(seed=2)
    take(TITLES, titled(), one)
    take(TITLES, titled(), other)
    assert one.holders() != other.holders()
    assert sealing(1).new_id() == sealing(1).new_id()
    assert replace(one.state, holdings=()) == replace(other.state, holdings=())
