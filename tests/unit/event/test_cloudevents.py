"""Events as CloudEvents: round trips, and each form broken."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed
from litopys.event.cloudevents import (
    MAX_VALUE_BYTES,
    Event,
    EventType,
    format_event,
    format_source,
    format_type,
    parse_event,
    parse_type,
)
from litopys.event.streams import Citation
from tests.unit.event.test_grammar import TEXT, VALUES
from tests.unit.event.test_streams import CITATIONS, SUBJECTS

GOOD = Event(
    id="0199a5c7-7cca-72bc-8c94-aba60bc403b1",
    source="https://litopys.example/pilot/registers",
    type="ua.gov.litopys.registers.land_parcel.title_registered.v2",
    subject="land_parcel:3220881300:04:001:0012",
    streamversion=3,
    time="2026-11-23T10:00:00.123Z",
    actor="o:1",
    cites=(Citation("parcel_change:7", 1),),
    dataschema="https://litopys.example/schemas/1",
    data={"share": "1/2", "area_m2": 12, "_sd": []},
)
EVENTS = st.builds(
    Event,
    id=st.uuids().map(str).map(lambda text: f"{text[:14]}7{text[15:19]}a{text[20:]}"),
    source=TEXT,
    type=TEXT,
    subject=SUBJECTS,
    streamversion=st.integers(1, 2**53 - 1),
    time=st.datetimes().map(lambda when: when.strftime("%m-%dT%H:%M:%S.123Z").join([f"{when.year:04}-", ""])),
    actor=st.from_regex(r"[!-~]{1,200}", fullmatch=True),
    cites=st.just(()) | CITATIONS,
    dataschema=st.from_regex(r"[!-~]{1,300}", fullmatch=True),
    data=st.dictionaries(TEXT, VALUES, max_size=4),
)


@given(EVENTS)
def test_round_trip(event):
    value = format_event(event)
    assert parse_event(value) == event
    assert format_event(parse_event(value)) == value


def test_attributes_stand_in_their_order():
    assert list(json.loads(format_event(GOOD))) == [
        "specversion",
        "id",
        "source",
        "type",
        "subject",
        "streamversion",
        "time",
        "actor",
        "cites",
        "datacontenttype",
        "dataschema",
        "data",
    ]


def test_parts_of_the_type():
    assert GOOD.parts == EventType("registers", "land_parcel", "title_registered", 2)
    assert (GOOD.sector, GOOD.aggregate, GOOD.name, GOOD.type_version) == GOOD.parts
    assert format_type(GOOD.parts) == GOOD.type
    assert format_source("litopys.example/pilot", "registers") == GOOD.source


def altered(name, value):
    fields = json.loads(format_event(GOOD))
    fields[name] = value
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("specversion", "1.1"),
        ("specversion", 1),
        ("id", "0199A5C7-7cca-72bc-8c94-aba60bc403b1"),
        ("id", "0199a5c7-7cca-42bc-8c94-aba60bc403b1"),
        ("id", "0199a5c7-7cca-72bc-cc94-aba60bc403b1"),
        ("id", "0199a5c77cca72bc8c94aba60bc403b1"),
        ("id", "0199a5c7-7cca-72bc-8c94-aba60bc403b1\n"),
        ("source", 1),
        ("source", None),
        ("type", ["a"]),
        ("subject", "land_parcel"),
        ("subject", "land parcel:1"),
        ("streamversion", 0),
        ("streamversion", -1),
        ("streamversion", "3"),
        ("streamversion", True),
        ("streamversion", 2**53),
        ("time", "2026-11-23T10:00:00Z"),
        ("time", "2026-11-23T10:00:00.1234Z"),
        ("time", "2026-11-23T10:00:00.123+00:00"),
        ("time", "2026-11-23 10:00:00.123Z"),
        ("time", "2026-02-29T10:00:00.123Z"),
        ("time", "2026-13-01T10:00:00.123Z"),
        ("time", "2026-00-01T10:00:00.123Z"),
        ("time", "0000-01-01T10:00:00.123Z"),
        ("time", "2026-11-23T24:00:00.000Z"),
        ("time", "2026-11-23T10:60:00.123Z"),
        ("time", "2026-11-23T23:59:60.000Z"),
        ("time", "２026-11-23T10:00:00.123Z"),
        ("actor", ""),
        ("actor", "two words"),
        ("actor", "ї"),
        ("actor", "a" * 201),
        ("cites", ""),
        ("cites", None),
        ("cites", []),
        ("cites", "a:b@1 a:b@2"),
        ("datacontenttype", "text/plain"),
        ("dataschema", ""),
        ("dataschema", "a b"),
        ("dataschema", "a" * 301),
        ("data", None),
        ("data", []),
        ("data", "text"),
        ("data", {"n": 1.5}),
        ("data", {"n": 2**53}),
        ("extra", "attribute"),
    ],
)
def test_refuses(name, value):
    assert parse_event(altered("actor", "o:1"))
    with pytest.raises(Malformed):
        parse_event(altered(name, value))


@pytest.mark.parametrize("missing", list(json.loads(format_event(GOOD))))
def test_refuses_a_missing_attribute_but_for_citations(missing):
    fields = json.loads(format_event(GOOD))
    del fields[missing]
    value = json.dumps(fields, separators=(",", ":")).encode()
    if missing == "cites":
        assert parse_event(value) == GOOD._replace(cites=())
    else:
        with pytest.raises(Malformed):
            parse_event(value)


@pytest.mark.parametrize("place", range(11))
def test_refuses_attributes_out_of_order(place):
    items = list(json.loads(format_event(GOOD)).items())
    items[place], items[place + 1] = items[place + 1], items[place]
    with pytest.raises(Malformed):
        parse_event(json.dumps(dict(items), separators=(",", ":")).encode())


def test_a_leap_day_and_the_first_and_last_year():
    for time in ("2024-02-29T00:00:00.000Z", "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"):
        assert parse_event(altered("time", time)).time == time


def test_size_limit():
    room = MAX_VALUE_BYTES - len(format_event(GOOD._replace(data={"a": ""})))
    full = format_event(GOOD._replace(data={"a": "x" * room}))
    assert len(full) == MAX_VALUE_BYTES
    assert parse_event(full).data["a"] == "x" * room
    with pytest.raises(Malformed):
        format_event(GOOD._replace(data={"a": "x" * (room + 1)}))


@pytest.mark.parametrize(
    "changes",
    [
        {"data": {"a": (1,)}},
        {"data": {"a": 1.0}},
        {"data": {1: 1}},
        {"streamversion": 0},
        {"subject": "x"},
        {"time": "now"},
        {"cites": (Citation("a:b", 0),)},
        {"source": "\ud800"},
        {"data": {"a": object()}},
    ],
)
def test_formats_no_event_that_could_not_be_parsed(changes):
    with pytest.raises(Malformed):
        format_event(GOOD._replace(**changes))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ua.gov.litopys.registers.land_parcel.title_registered",
        "ua.gov.litopys.registers.land_parcel.title_registered.v0",
        "ua.gov.litopys.registers.land_parcel.title_registered.v01",
        "ua.gov.litopys.registers.land_parcel.title_registered.v1\n",
        "ua.gov.litopys.registers.land_parcel.title.registered.v1",
        "ua.gov.litopys.Registers.land_parcel.title_registered.v1",
        "ua.gov.litopys.registers.land_parcel.title-registered.v1",
        "ua.gov.other.registers.land_parcel.title_registered.v1",
    ],
)
def test_refuses_type(text):
    with pytest.raises(Malformed):
        parse_type(text)
    assert parse_event(altered("type", text)).type == text


def test_formats_no_type_of_another_form():
    with pytest.raises(Malformed):
        format_type(EventType("registers", "land.parcel", "registered", 1))
