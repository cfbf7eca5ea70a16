"""Streams of any kind as JSON lines: done as over HTTP, marked with their place, admitted once, and able to grow."""

import io
import json

import pytest

from litopys.event.cloudevents import parse_event
from litopys.service.imports.batches import Batching
from litopys.service.imports.histories import format_history, histories, importers_of
from litopys.service.writing import Writer
from tests.support.memory_store import MemoryStore
from tests.support.toy_sector.domain import RULES
from tests.support.toy_sector.sector import BOXES, TOY

pytestmark = pytest.mark.anyio

WRITER = Writer(origin="ledger.example/test", sector="toy", partitions=2, domain=RULES)
HISTORIES = histories(TOY)
OPEN = {"command": "open", "body": {"label": "shoes", "keeper": {"name": "Оля", "phone": "7"}}}


def add(count: int = 3) -> dict:
    return {"command": "add-items", "body": {"count": count, "valid_from": "2026-01-02"}}


def take(count: int) -> dict:
    return {"command": "take-items", "body": {"count": count, "valid_from": "2026-01-03"}}


def line(*commands: dict, source_key: str = "17", key: str | None = "b17", aggregate: str = "box") -> bytes:
    steps = [(one["command"], one["body"]) for one in commands]
    return format_history(source_key=source_key, aggregate=aggregate, key=key, commands=steps)


async def bring(store: MemoryStore, *lines: bytes):
    """Import lines into a store; gives the batch."""
    rows = list(HISTORIES.rows(io.BytesIO(b"".join(lines)), number=1, offset=0))
    batch = await Batching(HISTORIES, WRITER, b"k" * 32, "importer:1", "a" * 32).prepare(store, rows)
    store.take(HISTORIES.register, batch)
    return batch


def told(batch) -> list[tuple[str, int]]:
    events = [parse_event(event.value) for change in batch.changes.values() for event in change.events]
    return [(event.name, event.streamversion) for event in events]


async def refusal(*lines: bytes, store: MemoryStore | None = None) -> str:
    batch = await bring(store or MemoryStore(), *lines)
    assert batch.counts.refused == 1
    return batch.remarks[-1].reason


async def test_commands_are_done_as_over_http_and_marked_with_their_place():
    batch = await bring(MemoryStore(), line(OPEN, add(5), take(2)))
    assert told(batch) == [("box_opened", 1), ("items_added", 2), ("items_taken", 3)]
    change = batch.changes["box:b17"]
    assert parse_event(change.events[0].value).data["imported"] == {"id": "a" * 32, "record": 1, "offset": 0}
    assert {kept.name for kept in change.disclosures} == {"name", "phone"}
    assert RULES.decode_state("box", change.state).content == 3


async def test_the_same_again_says_nothing_however_it_is_spaced():
    store = MemoryStore()
    await bring(store, line(OPEN, add()))
    spaced = json.dumps(json.loads(line(OPEN, add())), indent=None, separators=(" ,  ", ":  ")).encode()
    assert (await bring(store, spaced)).counts[:4] == (1, 0, 1, 0)


async def test_a_line_that_grew_admits_what_is_new_alone():
    store = MemoryStore()
    await bring(store, line(OPEN, add()))
    assert told(await bring(store, line(OPEN, add(), take(1), add(9)))) == [("items_taken", 3), ("items_added", 4)]
    assert told(await bring(store, line(OPEN, add(), take(1), add(9), take(2)))) == [("items_taken", 5)]


@pytest.mark.parametrize(
    "commands", [(OPEN,), (OPEN, add(4)), (OPEN, add(4), take(1)), (OPEN, take(1), add()), (add(), OPEN)]
)
async def test_any_other_change_of_a_line_is_refused(commands):
    store = MemoryStore()
    await bring(store, line(OPEN, add()))
    assert (await refusal(line(*commands), store=store)).startswith("history-changed")


async def test_lines_of_one_file_grow_from_the_newest_of_them_alone():
    store = MemoryStore()
    grown, forked = line(OPEN, add(), take(1)), line(OPEN, add(), take(2))
    batch = await bring(store, line(OPEN, add()), grown, forked)
    assert batch.counts[:4] == (3, 2, 0, 1)
    assert batch.remarks[-1].reason.startswith("history-changed")
    assert (await bring(store, grown)).counts[:4] == (1, 0, 1, 0)
    assert (await refusal(forked, store=store)).startswith("history-changed")


async def test_a_random_key_is_drawn_once():
    store = MemoryStore()
    (subject,) = (await bring(store, line(OPEN, key=None))).changes
    assert len(subject) == len("box:") + 32
    assert list((await bring(store, line(OPEN, add(), key=None))).changes) == [subject]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (line(OPEN, take(1)), "too-few: command 2, take-items"),
        (line(add()), "not-open: command 1, add-items"),
        (line(OPEN, OPEN), "already-open: command 2, open"),
        (line(OPEN, {"command": "burn", "body": {}}), "command 2, burn: no such command"),
        (line(OPEN, {"command": "add-items", "body": {"count": 0}}), "command 2, add-items: body/count: "),
        (line(OPEN).replace(b'"body"', b'"bodies"'), "command 1 is not of the form"),
        (line(OPEN, key="Ї"), "box: no such key"),
        (line(OPEN, aggregate="barrel"), "no aggregate"),
        (line(), "a history has commands"),
        (b'{"source_key": "1"}\n', "a history has aggregate"),
        (line(OPEN).replace(b'"17"', b"17"), "source_key, aggregate and key are texts"),
        (line(OPEN).replace(b'"17"', b'"1\\u00007"'), "a key of the source is plain text"),
        (line(OPEN).replace(b'"17"', b'"1\\ud8007"'), "a key of the source is plain text"),
        (line(OPEN).replace(b'"17"', b'"' + b"7" * 1_001 + b'"'), "a key of the source is plain text of 1000 bytes"),
        (line(OPEN).replace(b'"shoes"', b"[" * 700 + b"]" * 700), "nested too deep"),
    ],
)
async def test_what_cannot_be_done_is_refused_whole_with_its_reason(lines, reason):
    store = MemoryStore()
    assert (await refusal(lines, store=store)).startswith(reason)
    assert store.streams == {}


async def test_a_body_is_not_quoted_in_the_reason():
    secret = {"command": "open", "body": {"label": "shoes", "keeper": {"name": "Таємна_1", "phone": "x9"}}}
    assert "Таємна" not in await refusal(line(secret))


def test_it_is_told_by_its_first_line_and_stands_beside_a_sectors_own(tmp_path):
    path = tmp_path / "some.file"
    path.write_bytes(line(OPEN))
    assert HISTORIES.recognises(path)
    assert [one.name for one in importers_of(TOY)] == [*(one.name for one in TOY.importers), "histories"]
    assert not BOXES.recognises(path)
    for other in (line(OPEN, aggregate="barrel"), b"{}\n", b"[", b""):
        path.write_bytes(other)
        assert not HISTORIES.recognises(path)
