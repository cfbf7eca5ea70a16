"""Rows to changes: several streams a row, streams found again, flags; the store is empty or holds what a test says."""

import json
from dataclasses import replace

import pytest

from litopys.event.cloudevents import parse_event
from litopys.event.streams import Citation
from litopys.exports.rows import Row
from litopys.service.imports.batches import Batching
from litopys.service.search.indexing import Indexing, format_term
from litopys.service.writing import Writer
from litopys.sourcing.common import LIVE
from tests.support.toy_sector.domain import RULES, Box
from tests.support.toy_sector.packings import PACKINGS
from tests.support.toy_sector.sector import TOY

pytestmark = pytest.mark.anyio

WRITER = Writer(
    origin="ledger.example/test", sector="toy", partitions=2, domain=RULES, indexing=Indexing(TOY.searches, b"k" * 32)
)


class Stored:
    """A store and its search by label: streams by id."""

    def __init__(self, **labels: str) -> None:
        self.states = {f"box:{key}": Box(LIVE, label, 5) for key, label in labels.items()}
        self.asked: list[str] = []

    async def fetch(self, sql: str, *arguments):
        if "from import_row" in sql:
            return []
        if "from search_entry" in sql:
            self.asked += arguments[0]
            carried = [(format_term("box", "label", box.label), s) for s, box in self.states.items()]
            return [Record(term=term, subject=subject) for term, subject in carried if term in arguments[0]]
        return [
            Record(subject=subject, version=1, state=RULES.encode_state(self.states[subject]), stopped=None)
            for subject in arguments[0]
            if subject in self.states
        ]


class Record(dict):
    def __iter__(self):
        return iter(self.values())


def row(number: int, *boxes: tuple[str, int], key: str | None = None) -> Row:
    value = {"id": key or f"r{number}", "boxes": [{"label": label, "holds": holds} for label, holds in boxes]}
    return Row(number, number * 100, number * 100 + 99, json.dumps(value).encode(), value)


async def prepare(stored: Stored, *rows: Row):
    return await Batching(PACKINGS, WRITER, b"k" * 32, "importer:1", "a" * 32).prepare(stored, rows)


def events(batch):
    return {s: [parse_event(e.value).name for e in change.events] for s, change in batch.changes.items()}


async def test_a_row_of_several_streams_is_admitted_as_one():
    batch = await prepare(Stored(), row(1, ("hats", 2), ("gloves", 0)))
    assert sorted(events(batch).values()) == [["box_opened"], ["box_opened", "items_added"]]
    assert batch.counts == (1, 1, 0, 0, 3, 0)
    assert set(batch.rows) == {("r1/0", "box"), ("r1/1", "box")}


async def test_a_stream_begun_earlier_in_the_batch_or_the_row_is_found_by_its_term():
    batch = await prepare(Stored(), row(1, ("hats", 2), ("hats", 3)), row(2, ("hats", 7)), row(3, ("hats", 7)))
    assert list(events(batch).values()) == [["box_opened", "items_added", "items_added", "items_added"]]
    assert len({one.subject for one in batch.rows.values()}) == 1
    assert batch.counts == (3, 2, 1, 0, 4, 0)


async def test_a_stored_stream_that_carries_the_term_is_taken():
    stored = Stored(b1="hats", b2="gloves")
    batch = await prepare(stored, row(1, ("hats", 9)))
    assert events(batch) == {"box:b1": ["items_added"]}
    assert stored.asked == ["box.label=hats"]


async def test_a_term_of_several_streams_takes_none_and_is_flagged():
    batch = await prepare(Stored(b1="hats", b2="hats"), row(1, ("hats", 9)))
    (begun,) = batch.changes
    assert begun not in {"box:b1", "box:b2"}
    assert batch.counts.flagged == 1
    assert [(r.number, r.done) for r in batch.remarks] == [(1, "admitted, flagged")]
    assert "2 streams" in batch.remarks[0].reason


async def test_flags_are_lines_beside_what_became_of_the_row():
    batch = await prepare(Stored(b1="hats"), row(1, ("hats", 101)), row(2, ("hats", 101)), row(3, ("hats", 5)))
    assert batch.counts == (3, 2, 1, 0, 2, 2)
    assert [(r.number, r.reason, r.done) for r in batch.remarks] == [
        (1, "a heavy box", "admitted, flagged"),
        (2, "a heavy box", "merged, flagged"),
    ]


async def test_a_refused_target_takes_the_whole_row_back():
    batch = await prepare(Stored(), row(1, ("hats", 2), ("", 1)), row(2, ("hats", 4)))
    assert batch.counts == (2, 1, 0, 1, 2, 0)
    assert set(batch.rows) == {("r2/0", "box")}
    assert list(events(batch).values()) == [["box_opened", "items_added"]]


async def test_what_a_row_cites_are_the_streams_before_it():
    seen = []

    def decide(row, target, state, **given):
        seen.append(dict(given["before"]))
        return PACKINGS.decide(row, target, state, **given)

    importer = replace(PACKINGS, decide=decide)
    stored = Stored(b1="hats")
    batching = Batching(importer, WRITER, b"k" * 32, "importer:1", "a" * 32)
    await batching.prepare(stored, [row(1, ("hats", 5), ("gloves", 1), ("scarves", 1)), row(2, ("hats", 5))])
    assert seen[0] == {}
    assert seen[1] == {"box": ("box:b1", 1)}
    assert seen[2]["box"].version == 2
    assert seen[3] == {}


async def test_a_term_that_nobody_searches_by_is_a_defect_of_the_importer():
    batching = Batching(PACKINGS, replace(WRITER, indexing=None), b"k" * 32, "importer:1", "a" * 32)
    with pytest.raises(ValueError, match="no search term label"):
        await batching.prepare(Stored(), [row(1, ("hats", 1))])


async def test_an_event_without_its_place_is_refused():
    def decide(row, target, state, **given):
        mark = given.pop("mark")._replace(record=99)
        return PACKINGS.decide(row, target, state, mark=mark, **given)

    batching = Batching(replace(PACKINGS, decide=decide), WRITER, b"k" * 32, "importer:1", "a" * 32)
    batch = await batching.prepare(Stored(), [row(1, ("hats", 1))])
    assert batch.counts.refused == 1
    assert "does not carry its place" in batch.remarks[0].reason


async def test_a_line_of_the_report_names_the_row_by_number_offset_and_key():
    batch = await prepare(Stored(), row(3, ("hats", 1), ("", 1)))
    (line,) = batch.remarks
    assert (line.number, line.offset, line.source_key, line.done) == (3, 300, "r3/0", "refused")


def citing(version: int):
    """Packings whose second box cites the first of its row, at a version above or below the one that it has."""

    def decide(row, target, state, **given):
        verdict = PACKINGS.decide(row, target, state, **given)
        cites = tuple(Citation(one.subject, one.version + version) for one in given["before"].values())
        return verdict._replace(decided=[one._replace(cites=cites) for one in verdict.decided])

    return Batching(replace(PACKINGS, decide=decide), WRITER, b"k" * 32, "importer:1", "a" * 32)


async def test_a_row_may_cite_what_it_made_itself_or_what_is_stored():
    batch = await citing(0).prepare(Stored(b1="hats"), [row(1, ("scarves", 1), ("gloves", 1)), row(2, ("hats", 5))])
    assert batch.counts[:4] == (2, 1, 1, 0)


async def test_a_row_that_cites_what_never_was_is_refused_before_it_could_wait_for_ever():
    batch = await citing(1).prepare(Stored(b1="hats"), [row(1, ("hats", 5), ("gloves", 1)), row(2, ("scarves", 1))])
    assert batch.counts[:4] == (2, 1, 0, 1)
    assert "citation: there is no box:b1@2 to cite" in batch.remarks[0].reason
