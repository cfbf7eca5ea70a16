"""The EDR: what each record becomes, everything found again, snapshots compared, and the real records."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from litopys.errors import Malformed
from litopys.exports.json_text import NumberText, read_json, write_json
from services.registers.importers import ENTITIES_JSON, ENTITIES_XML, IMPORTERS
from services.registers.importers.edr.texts import parse_day, parse_founder, parse_registration, parse_signer
from services.registers.sector import SECTOR
from tests.support.memory_imports import Disclosed, MemoryImports
from tests.support.real_files import real_file

FOUNDER = {
    "Address": "місто Вигадане, ВУЛИЦЯ УЯВНА, 1",
    "Capital": "500.00",
    "CapitalPart": "0.000018",
    "FounderEdr": "",
    "FounderType": "other",
    "Name": "ЗРАЗКО ОЛЕНА",
}
BENEFICIARY = {
    "Actual": NumberText("1"),
    "Address": "місто Вигадане, ВУЛИЦЯ УЯВНА, 1",
    "AddressHash": "84877d2d655c255dad457465fa53478a",
    "Country": NumberText("1"),
    "MediateEdr": " Прямий вирішальний вплив",
    "MediateName": " відсоток частки - 100",
    "Name": "ЗРАЗКО ОЛЕНА",
    "Type": "beneficiary",
}
RECORD = {
    "RECORD": "1001",
    "EDRPOU": "99000011",
    "NAME": 'ТОВАРИСТВО "ЗРАЗОК"',
    "SHORT_NAME": 'ТОВ "ЗРАЗОК"',
    "OPF": "ТОВАРИСТВО З ОБМЕЖЕНОЮ ВІДПОВІДАЛЬНІСТЮ",
    "STAN": "зареєстровано",
    "ADDRESS": "Україна, місто Вигадане",
    "AUTHORIZED_CAPITAL": "1000,00",
    "ACTIVITY_KINDS": {
        "ACTIVITY_KIND": [
            {"CODE": "62.01", "NAME": "Програмування", "PRIMARY": "так"},
            {"CODE": "58.29", "NAME": "Видання"},
        ]
    },
    "FOUNDERS": [FOUNDER, {**FOUNDER, "Name": "ТОВ «МАКЕТ»", "FounderEdr": "99000028", "FounderType": "legal"}],
    "BENEFICIARIES": [BENEFICIARY],
    "SIGNERS": {"SIGNER": ["Приклад Іван; 21.10.2013 - керівник", "Макет Ганна; обмеження; 22.10.2013 - підписант"]},
    "BRANCHES": None,
    "MEMBERS": {"MEMBER": "Зразко Петро; голова"},
    "CONTACTS": "+380000000000",
    "REGISTRATION": "24.10.2013; 25.10.2013; 11191020000012682",
    "STATUTE": "статут",
    "FOUNDING_DOCUMENT_NUM": None,
    "EXCHANGE_DATA": {"EXCHANGE_ANSWER": {"START_DATE": "25.10.2013", "START_NUM": "7"}},
    "TERMINATION_STARTED_INFO": None,
    "TERMINATED_INFO": None,
    "TERMINATION_CANCEL_INFO": None,
    "BANKRUPTCY_READJUSTMENT_INFO": None,
}
STARTED = {
    "OP_DATE": "01.02.2020",
    "REASON": "рішення засновників",
    "SBJ_STATE": "в стані припинення",
    "SIGNER_NAME": "Ліквідко Степан; голова комісії",
    "CREDITOR_REQ_END_DATE": "01.04.2020",
}
GONE = "16.02.2022; 1001191110006012682; припинення юридичної особи в результаті її ліквідації"
# What an event of its own says of each, and the state of none.
PERSONS = ("FOUNDERS", "BENEFICIARIES", "SIGNERS")


def record(**changes: Any) -> dict[str, Any]:
    return {**RECORD, **changes}


def listed(*records: dict[str, Any]) -> bytes:
    return write_json(list(records)).encode()


def xml(*records: dict[str, Any]) -> bytes:
    subjects = "\n".join(f"<SUBJECT>{elements(one)}</SUBJECT>" for one in records)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<DATA FORMAT_VERSION="1.0">\n{subjects}\n</DATA>\n'.encode()


def elements(value: Any, name: str = "") -> str:
    """Write a plain value as the XSD has it: lists repeat their element."""
    if isinstance(value, dict):
        inner = "".join(elements(item, key) for key, item in value.items())
    elif isinstance(value, list):
        return "".join(elements(item, name) for item in value)
    else:
        inner = "" if value is None else value.replace("&", "&amp;").replace("<", "&lt;")
    return f"<{name}>{inner}</{name}>" if name else inner


def imports() -> MemoryImports:
    return MemoryImports(SECTOR)


def took(importer, data: bytes | Path, memory: MemoryImports | None = None) -> Disclosed:
    memory = memory or imports()
    report = memory.run(importer, data)
    assert report.refusals == []
    return memory.of("legal_entity")[-1]


def names(stream: Disclosed) -> list[str]:
    return [fact.name for fact in stream.facts]


def source_of(stream: Disclosed) -> dict[str, Any]:
    """Put a record together again: from the state, from what events keep, and from their disclosures."""
    state, held = stream.state, stream.held()
    recorded = next(f.data for f in reversed(stream.facts) if f.name in ("recorded", "particulars_changed"))
    found: dict[str, Any] = {one.name: read_json(one.text.encode()) for one in recorded.original}
    beside = held.get(state.beside, {})
    for name in ("members", "branches", "contacts"):
        found |= {name.upper(): read_json(beside[name].encode())} if name in beside else {}
    found |= {name: read_json(text.encode()) for name, text in json.loads(beside.get("more", "{}")).items()}
    found |= read_json(beside.get("private_more", "{}").encode())
    texts = {
        "RECORD": state.record,
        "EDRPOU": state.edrpou or state.other_code,
        "NAME": state.naming.name,
        "SHORT_NAME": state.naming.short_name,
        "OPF": state.form,
        "ADDRESS": state.address.text,
        "STATUTE": state.statute.text,
        "FOUNDING_DOCUMENT_NUM": state.statute.model,
    }
    found |= {name: text for name, text in texts.items() if text is not None}
    for kind, ids in persons_of(stream).items():
        found |= {kind: [said(held[one]) for one in ids]} if ids else {}
    return found


def persons_of(stream: Disclosed) -> dict[str, list[str]]:
    facts = stream.facts
    return {
        "FOUNDERS": [f.data.founder.id for f in facts if f.name == "founder_joined"],
        "BENEFICIARIES": [p.id for f in facts if f.name == "beneficiary_set" for p in f.data.beneficiaries],
        "SIGNERS": [
            (f.data.head if f.name == "head_appointed" else f.data.signer).id
            for f in facts
            if f.name in ("head_appointed", "signer_appointed")
        ],
    }


def said(fields: dict[str, Any]) -> Any:
    """Put together again what a source said of a person."""
    shown, hidden = read_json(fields.get("source", "null").encode()), fields.get("private_source")
    if not isinstance(shown, dict):
        return shown if hidden is None else read_json(hidden.encode())
    address = {"Address": fields["address"]} if "address" in fields else {}
    return {**shown, **(read_json(hidden.encode()) if hidden else {}), **address}


def plain(given: dict[str, Any]) -> dict[str, Any]:
    """Give a record in the form of `source_of`: persons listed, and who is in charge left to events of their own."""
    found = dict(given)
    for name, item in (("FOUNDERS", "FOUNDER"), ("BENEFICIARIES", "BENEFICIARY"), ("SIGNERS", "SIGNER")):
        value = found.get(name)
        value = value[item] if isinstance(value, dict) and item in value else value
        found |= {name: value if isinstance(value, list) or value is None else [value]} if name in found else {}
    return found


def test_a_record_is_taken_over_whole():
    stream = took(ENTITIES_JSON, listed(record()))
    assert names(stream) == [
        "recorded",
        *["founder_joined"] * 2,
        "beneficiary_set",
        "head_appointed",
        "signer_appointed",
    ]
    state = stream.state
    assert (state.edrpou, state.record, state.registered) == ("99000011", "1001", "2013-10-24")
    assert (state.capital.amount.minor, state.capital.founders_total) == (100000, "agrees")
    assert (state.activities.primary, state.activities.others) == ("62.01", ("58.29",))
    assert state.heads[0].valid_from == "2013-10-21"
    assert source_of(stream) == plain(record())


def test_nothing_personal_is_public():
    stream = took(ENTITIES_JSON, listed(record(TERMINATION_STARTED_INFO=STARTED, НОВЕ="Секретко")))
    text = "".join(repr(event.data) for event in stream.events)
    for secret in ("ЗРАЗКО", "Приклад Іван", "УЯВНА", "Петро", "+38", "84877d2d", "Ліквідко", "Секретко", "0.000018"):
        assert secret not in text
    fields = {(one.name, one.is_open) for _, one in stream.disclosures}
    assert {name for name, is_open in fields if is_open} == {
        *("kind", "name", "country", "role", "edrpou", "share", "contribution", "source"),
        *("members", "branches"),
    }
    assert {name for name, is_open in fields if not is_open} == {
        *("address", "contacts", "private_more", "private_source"),
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"EDRPOU": "00000000"},
        {"EDRPOU": "99000015"},
        {"EDRPOU": None, "NAME": "null", "ADDRESS": "-"},
        {"NAME": "ї" * 700},
        {"AUTHORIZED_CAPITAL": "1000,005"},
        {"REGISTRATION": "31.02.2013; 1"},
        {"FOUNDERS": FOUNDER, "SIGNERS": {"SIGNER": "Макет Ганна - підписант"}},
        {"FOUNDERS": [], "BENEFICIARIES": None, "SIGNERS": None},
        {"FOUNDERS": [{**FOUNDER, "Capital": "?", "Phone": "1"}]},
        {"ACTIVITY_KINDS": {"ACTIVITY_KIND": {"CODE": "?", "NAME": "щось"}}},
        {"EXCHANGE_DATA": {"EXCHANGE_ANSWER": [{"START_NUM": f"{n:020}"} for n in range(2000)]}},
        {"BRANCHES": {"BRANCH": [{"NAME": f"філія {n}", "SIGNER": "Хтось"} for n in range(3000)]}},
        {"НОВЕ": {"a": NumberText("1.50"), "b": [None, True]}},
    ],
)
def test_every_field_is_found_again(changes):
    given = record(**changes)
    assert source_of(took(ENTITIES_JSON, listed(given))) == plain(given)


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({"EDRPOU": "99000015"}, "EDRPOU fails"),
        ({"AUTHORIZED_CAPITAL": "1000,01"}, "do not add up"),
        ({"AUTHORIZED_CAPITAL": "тисяча"}, "AUTHORIZED_CAPITAL"),
        ({"REGISTRATION": "колись"}, "REGISTRATION"),
        ({"TERMINATED_INFO": GONE}, "nothing says that its end was begun"),
        ({"STAN": "припинено"}, "does not say when"),
        ({"TERMINATION_CANCEL_INFO": GONE}, "cancelled end"),
        ({"TERMINATED_INFO": GONE, "TERMINATION_CANCEL_INFO": "01.01.2010; 1; суд"}, "later than the one"),
        ({"TERMINATED_INFO": "16.02.2002; 1; суд"}, "before it was registered"),
        ({"TERMINATION_STARTED_INFO": {**STARTED, "CREDITOR_REQ_END_DATE": "01.01.2020"}}, "creditors claim"),
        ({"TERMINATION_STARTED_INFO": {**STARTED, "OP_DATE": "?"}}, "creditors claim"),
        ({"НОВЕ": "x"}, "not known, and kept closed: НОВЕ"),
        ({"FOUNDERS": {"FOUNDER": "Зразко, вул. Уявна, 1"}}, "no known form"),
        ({"ACTIVITY_KINDS": {"ACTIVITY_KIND": {"CODE": "?"}}}, "no proper code"),
    ],
)
def test_what_somebody_should_look_at_is_flagged(changes, flag):
    report = imports().run(ENTITIES_JSON, listed(record(**changes)))
    assert report.sums == (1, 0, 1, 0)
    assert any(flag in text for _, text in report.flags)


def test_an_end_without_a_start_is_an_inherited_contradiction():
    stream = took(ENTITIES_JSON, listed(record(TERMINATED_INFO=GONE, STAN="припинено")))
    assert names(stream)[-1] == "terminated"
    assert stream.state.terminations[0].valid_from == "2022-02-16"
    assert stream.state.standing.inconsistent == ("terminated-without-start",)


@pytest.mark.parametrize(
    ("started", "kind"),
    [
        (STARTED, "liquidation"),
        ({**STARTED, "REASON": "припинення в результаті приєднання"}, "accession"),
        ({**STARTED, "SBJ_STATE": "реорганізація: перетворення"}, "transformation"),
        ("в стані припинення", "liquidation"),
    ],
)
def test_what_was_begun_is_entered(started, kind):
    stream = took(ENTITIES_JSON, listed(record(TERMINATION_STARTED_INFO=started, TERMINATED_INFO=GONE)))
    assert stream.state.proceedings[0].kind == kind
    assert stream.state.standing.inconsistent == ()
    if isinstance(started, dict):
        assert stream.state.proceedings[0].claims_until == "2020-04-01"
        commission = next(f.data.commission for f in stream.facts if hasattr(f.data, "commission"))
        assert stream.held()[commission.id]["name"] == STARTED["SIGNER_NAME"]


def test_a_bankruptcy_and_a_cancelled_end_are_entered():
    case = {"OP_DATE": "01.01.2021", "BANKRUPTCY_READJUSTMENT_HEAD_NAME": "Керуйко Ганна"}
    given = record(
        BANKRUPTCY_READJUSTMENT_INFO=case, TERMINATED_INFO=GONE, TERMINATION_CANCEL_INFO="01.03.2023; 5; суд"
    )
    stream = took(ENTITIES_JSON, listed(given))
    assert names(stream)[-3:] == ["bankruptcy_opened", "terminated", "termination_cancelled"]
    assert (stream.state.standing.status, stream.state.standing.inconsistent) == ("live", ())


def test_thousands_of_founders_come_one_by_one():
    founders = [{**FOUNDER, "Name": f"ЗРАЗКО {n}"} for n in range(1500)]
    stream = took(ENTITIES_JSON, listed(record(FOUNDERS=founders)))
    assert stream.state.numbers.founder == 1500
    assert source_of(stream)["FOUNDERS"] == founders


def xml_record(**changes: Any) -> dict[str, Any]:
    """A record in the words of the XSD, all of them texts."""
    return {
        "RECORD": "1001",
        "NAME": "ТОВ «ЗРАЗОК» & Ко",
        "SHORT_NAME": "",
        "OPF": "ТОВ",
        "EDRPOU": "99000011",
        "STAN": "зареєстровано",
        "FOUNDING_DOCUMENT_NUM": "",
        "EXECUTIVE_POWER": {"NAME": "Міністерство", "CODE": "99000028"},
        "PURPOSE": "",
        "FOUNDERS": {"FOUNDER": ["Зразко Олена; Україна; 600,00", "ТОВ «МАКЕТ»; 99000028; Україна; 400,00"]},
        "BENEFICIARIES": {"BENEFICIARY": "Зразко Олена; Україна; Прямий вирішальний вплив; 60"},
        "SUPERIOR_MANAGEMENT": "ЗАГАЛЬНІ ЗБОРИ",
        "SIGNERS": {"SIGNER": "Приклад Іван; 21.10.2013; відсутні - керівник"},
        "AUTHORIZED_CAPITAL": "1000,00",
        "MEMBERS": {"MEMBER": ["Зразко Петро; голова", "Макет Ганна; член"]},
        "STATUTE": "статут",
        "REGISTRATION": "24.10.2013; 24.10.2013; 11191020000012682",
        "MANAGING_PAPER": "наказ 7",
        "BRANCHES": {"BRANCH": {"CODE": "99000034", "NAME": "філія", "SIGNER": "Хтось"}},
        "TERMINATION_STARTED_INFO": "",
        "BANKRUPTCY_READJUSTMENT_INFO": "",
        "PREDECESSORS": {"PREDECESSOR": [{"NAME": "ТОВ 1", "CODE": "1"}, {"NAME": "ТОВ 2", "CODE": "2"}]},
        "ASSIGNEES": "",
        "TERMINATED_INFO": "",
        "TERMINATION_CANCEL_INFO": "",
        "EXCHANGE_DATA": {"EXCHANGE_ANSWER": {"TAX_PAYER_TYPE": "ЄСВ", "START_DATE": "25.10.2013"}},
        **changes,
    }


def test_an_xml_export_is_read_by_its_schema():
    stream = took(ENTITIES_XML, xml(xml_record()))
    assert source_of(stream) == plain(xml_record())
    held = stream.held()
    founders = [held[one] for one in persons_of(stream)["FOUNDERS"]]
    assert [(f.get("kind"), f["name"], f["country"], f["contribution"]["minor"]) for f in founders] == [
        (None, "Зразко Олена", "Україна", 60000),
        ("legal", "ТОВ «МАКЕТ»", "Україна", 40000),
    ]
    assert stream.state.capital.founders_total == "agrees"
    assert stream.state.heads[0].valid_from == "2013-10-21"


def test_elements_have_their_place_and_reading_goes_on_anywhere():
    data = xml(*[xml_record(RECORD=str(n)) for n in range(1, 800)])
    rows = list(ENTITIES_XML.rows(io.BytesIO(data), number=1, offset=0))
    assert [row.number for row in rows] == list(range(1, 800))
    assert all(data[row.offset : row.end] == row.content for row in rows)
    later = list(ENTITIES_XML.rows(io.BytesIO(data), number=400, offset=rows[398].end))
    assert [row.value for row in later] == [row.value for row in rows[399:]]


def test_a_windows_encoding_is_read():
    text = xml(xml_record()).decode().replace("UTF-8", "windows-1251").replace("\ufeff", "")
    assert source_of(took(ENTITIES_XML, text.encode("cp1251"))) == plain(xml_record())


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<DATA><SUBJECT><RECORD>1</RECORD><NAME>A</NAME><FARMER/></SUBJECT></DATA>", "FOP"),
        (b"<DATA><SUBJECT><RECORD>1</RECORD><NAME>A</NAME><STAN>s</STAN></SUBJECT></DATA>", "FOP"),
        (b"<DATA><SUBJECT><RECORD>1</RECORD><TYPE_SUBJECT>x</TYPE_SUBJECT></SUBJECT></DATA>", "FSU"),
        (b"<DATA><RECORD><FIO>A</FIO><LICENSE>1</LICENSE></RECORD></DATA>", "notaries"),
    ],
)
def test_neighbours_of_the_register_are_refused_by_name(tmp_path, data, kind):
    path = tmp_path / "export.xml"
    path.write_bytes(data)
    with pytest.raises(Malformed, match=kind):
        ENTITIES_XML.recognises(path)
    if b"SUBJECT" in data:
        report = imports().run(ENTITIES_XML, path)
        assert report.sums == (0, 0, 0, 1)
        assert kind in report.refusals[0][1]


def test_files_are_known(tmp_path):
    for importer, data in (
        (ENTITIES_JSON, listed(record(), record())),
        (ENTITIES_XML, xml(xml_record(), xml_record())),
    ):
        path = tmp_path / importer.name
        path.write_bytes(data)
        assert [one.name for one in IMPORTERS if one.recognises(path)] == [importer.name]
        assert importer.count_rows(path) == 2


@pytest.mark.parametrize(("value", "reason"), [(None, "record-number"), ("A1", "record-number"), ("", "record-number")])
def test_a_record_without_a_number_is_refused(value, reason):
    report = imports().run(ENTITIES_JSON, listed(record(RECORD=value), record()))
    assert report.sums == (1, 0, 0, 1)
    assert reason in report.refusals[0][1]


def test_the_same_again_says_nothing():
    memory = imports()
    stream = took(ENTITIES_JSON, listed(record()), memory)
    assert memory.run(ENTITIES_JSON, listed(record())).sums == (0, 1, 0, 0)
    other_order = {name: RECORD[name] for name in sorted(RECORD, reverse=True)}
    kept = [one.name for one in stream.facts[0].data.original]
    same_kept = {**{name: RECORD[name] for name in kept}, **other_order}
    assert memory.run(ENTITIES_JSON, listed(same_kept)).sums == (0, 1, 0, 0)
    assert stream.version == 6


SNAPSHOTS = {
    "renamed": ({"NAME": "ІНШЕ"}, ["renamed"]),
    "moved": ({"ADDRESS": "місто Інше"}, ["address_changed"]),
    "recapitalised": ({"AUTHORIZED_CAPITAL": "2000,00"}, ["capital_changed", "particulars_changed"]),
    "other statute": ({"STATUTE": "модельний"}, ["statute_changed"]),
    "other taxes": ({"EXCHANGE_DATA": None}, ["particulars_changed"]),
    "other contacts": ({"CONTACTS": "+380111111111"}, ["particulars_changed"]),
    "founder left": ({"FOUNDERS": [RECORD["FOUNDERS"][1]]}, ["founder_left"]),
    "founder joined": (
        {"FOUNDERS": [*RECORD["FOUNDERS"], {**FOUNDER, "Name": "НОВИЙ"}]},
        ["founder_joined"],
    ),
    "founder's share": (
        {"FOUNDERS": [{**FOUNDER, "CapitalPart": "0.00002"}, RECORD["FOUNDERS"][1]]},
        ["founder_share_changed"],
    ),
    "founders in another order": ({"FOUNDERS": RECORD["FOUNDERS"][::-1]}, []),
    "other head": (
        {"SIGNERS": {"SIGNER": ["Інший Іван; 01.01.2020 - керівник", RECORD["SIGNERS"]["SIGNER"][1]]}},
        ["head_appointed"],
    ),
    "no signer": ({"SIGNERS": {"SIGNER": RECORD["SIGNERS"]["SIGNER"][0]}}, ["signer_dismissed"]),
    "other beneficiary": ({"BENEFICIARIES": [{**BENEFICIARY, "Name": "ІНША"}]}, ["beneficiary_set"]),
    "no beneficiary": ({"BENEFICIARIES": None}, ["particulars_changed", "beneficiary_set"]),
    "other activities": (
        {"ACTIVITY_KINDS": {"ACTIVITY_KIND": {"CODE": "62.02", "NAME": "x", "PRIMARY": "так"}}},
        ["activities_changed", "particulars_changed"],
    ),
    "liquidation": ({"TERMINATION_STARTED_INFO": STARTED}, ["particulars_changed", "termination_decided"]),
    "the end": ({"TERMINATED_INFO": GONE}, ["particulars_changed", "terminated"]),
}


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_a_newer_snapshot_admits_only_what_changed(name):
    changes, expected = SNAPSHOTS[name]
    memory = imports()
    stream = took(ENTITIES_JSON, listed(record()), memory)
    version = stream.version
    report = memory.run(ENTITIES_JSON, listed(record(**changes)))
    assert names(stream)[version:] == expected
    assert report.sums[:2] == ((1, 0) if expected else (0, 1))
    assert report.refusals == []


def test_a_snapshot_takes_back_what_an_earlier_one_told():
    memory = imports()
    stream = took(ENTITIES_JSON, listed(record(TERMINATION_STARTED_INFO=STARTED)), memory)
    memory.run(ENTITIES_JSON, listed(record()))
    assert names(stream)[-1] == "termination_revoked"
    memory.run(ENTITIES_JSON, listed(record(TERMINATED_INFO=GONE)))
    assert stream.state.standing.status == "ended"
    report = memory.run(ENTITIES_JSON, listed(record(TERMINATED_INFO=GONE, NAME="ІНШЕ")))
    assert report.refusals[0][1].startswith("ended")
    memory.run(ENTITIES_JSON, listed(record(TERMINATION_CANCEL_INFO="01.03.2023; 5; суд")))
    assert stream.state.standing.status == "live"


def test_what_vanished_is_listed():
    memory = imports()
    memory.run(ENTITIES_XML, xml(xml_record(), xml_record(RECORD="1002", EDRPOU="99000028")))
    report = memory.run(ENTITIES_XML, xml(xml_record()))
    assert (report.sums, report.vanished) == ((0, 1, 0, 0), ["1002"])


def test_an_entity_known_by_its_code_is_taken_and_not_drawn_again():
    memory = imports()
    took(ENTITIES_XML, xml(xml_record()), memory)
    report = memory.run(ENTITIES_JSON, listed(record()))
    assert report.sums[0] == 1
    assert len(memory.of("legal_entity")) == 1


def test_founders_beyond_what_a_state_lists_are_not_compared():
    memory = imports()
    founders = [{**FOUNDER, "Name": f"ЗРАЗКО {n}"} for n in range(40)]
    took(ENTITIES_JSON, listed(record(FOUNDERS=founders)), memory)
    report = memory.run(ENTITIES_JSON, listed(record(FOUNDERS=founders[1:], CONTACTS=None)))
    assert any("not compared" in flag for _, flag in report.flags)


@pytest.mark.parametrize(
    ("text", "day"), [("24.10.2013", "2013-10-24"), ("31.02.2013", None), ("2013-10-24", None), ("1.1.2013", None)]
)
def test_days_are_real(text, day):
    assert parse_day(text) == day


def test_texts_of_several_things_are_taken_apart():
    assert parse_registration("24.10.2013; 25.10.2013; 1119") == ("2013-10-24", "1119")
    assert parse_signer("Макет Ганна; директор; (до статуту) - керівник") == (
        "Макет Ганна",
        "директор; (до статуту); керівник",
        True,
        None,
    )
    assert parse_signer("Макет Ганна") == ("Макет Ганна", None, False, None)
    assert parse_founder("ТОВ; 99000028; Кіпр; 5") == ("ТОВ", "99000028", "Кіпр", "5")
    assert parse_founder("Зразко, вул. Уявна, 1") is None


def test_the_real_records_go_through():
    path = real_file("registers", "edr_uo_sample.pseudonymised.json")
    memory = imports()
    report = memory.run(ENTITIES_JSON, path)
    assert report.sums == (2, 0, 1, 0)
    streams = memory.of("legal_entity")
    for given, stream in zip(read_json(path.read_bytes()), streams, strict=True):
        assert len(given) == 29
        assert source_of(stream) == plain(given)
    assert [one.state.standing.inconsistent for one in streams] == [("terminated-without-start",), ()]
    assert [one.state.capital.founders_total for one in streams] == ["agrees", "agrees"]
    assert memory.run(ENTITIES_JSON, path).sums == (0, 2, 0, 0)
