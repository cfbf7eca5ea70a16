"""Histories of parcels: what needs four eyes cites the import instead, whose closing has them."""

import io

import pytest

from litopys.event.cloudevents import parse_event
from litopys.service.imports.batches import Batching
from litopys.service.imports.histories import format_history, histories
from litopys.service.writing import Writer
from services.registers.domain import DOMAINS
from services.registers.sector import SECTOR
from tests.support.memory_store import MemoryStore

pytestmark = pytest.mark.anyio

WRITER = Writer(origin="ledger.example/test", sector="registers", partitions=2, domain=DOMAINS[max(DOMAINS)])
HISTORIES = histories(SECTOR)
COURT = {"kind": "court", "document": "рішення 5", "issued": "2021-05-03"}
PARCEL = next(one for one in SECTOR.aggregate("land_parcel").commands if one.name == "record")
RECORD = PARCEL.wire.model_json_schema()["examples"][0]
CORRECTION = {"field": "details/purpose_code", "new": "01.03", "basis": COURT}


def code_of(body) -> str:
    return body["details"]["purpose_code"]


async def test_corrections_and_annulments_of_a_history_cite_its_import():
    commands = [
        ("record", RECORD),
        ("correct", {**CORRECTION, "old": code_of(RECORD)}),
        ("annul", {"from_version": 2, "by": "court", "basis": COURT}),
        ("supersede", {"by": "land_parcel:5322081200:00:001:0009", "basis": COURT}),
        ("reinstate", {"by": "court", "basis": COURT}),
    ]
    key = "5322081200:00:001:0001"
    line = format_history(source_key="1", aggregate="land_parcel", key=key, commands=commands)
    batch = await bring(line)
    assert batch.remarks == []
    (change,) = batch.changes.values()
    events = [parse_event(event.value) for event in change.events]
    assert [event.name for event in events] == ["recorded", "corrected", "annulled", "superseded", "reinstated"]
    assert [[cited.subject for cited in event.cites] for event in events[1:]] == [[f"registers_import:{'a' * 32}"]] * 4
    assert all(event.data["imported"]["record"] == 1 for event in events)
    assert code_of({"details": events[2].data["state"]["details"]}) == code_of(RECORD)


async def test_an_approval_has_no_place_in_a_history():
    commands = [("record", RECORD), ("approve", {"proposal": 1})]
    key = "5322081200:00:001:0001"
    batch = await bring(format_history(source_key="1", aggregate="land_parcel", key=key, commands=commands))
    assert batch.counts.refused == 1
    assert batch.remarks[0].reason.startswith("command 2, approve: this command is not migrated")


async def bring(line: bytes):
    rows = list(HISTORIES.rows(io.BytesIO(line), number=1, offset=0))
    return await Batching(HISTORIES, WRITER, b"k" * 32, "importer:1", "a" * 32).prepare(MemoryStore(), rows)
