"""Titles through the batching of an import: rules are applied once to each event, and make what is stored."""

import io

import pytest

from litopys.event.cloudevents import parse_event
from litopys.service.imports.batches import Batching
from litopys.service.search.indexing import Indexing
from litopys.service.writing import Writer
from litopys.sourcing.aggregates import Aggregate
from services.registers.domain import DOMAINS
from services.registers.importers import TITLES
from services.registers.sample.features import sample
from services.registers.sector import SECTOR
from tests.support.memory_store import MemoryStore

pytestmark = pytest.mark.anyio

RULES = DOMAINS[max(DOMAINS)]


async def test_rules_are_applied_once_and_the_state_is_that_of_the_events(monkeypatch):
    applied = []
    real = Aggregate.apply

    def counted(self, state, fact):
        applied.append((fact.subject, fact.version))
        return real(self, state, fact)

    monkeypatch.setattr(Aggregate, "apply", counted)
    writer = Writer("ledger.example/test", "registers", 4, RULES, Indexing(SECTOR.searches, b"k" * 32))
    rows = list(TITLES.rows(io.BytesIO(b"".join(sample(rows=40, seed=5, events_per_row=5.0))), number=1, offset=0))
    batch = await Batching(TITLES, writer, b"k" * 32, "importer", "a" * 32).prepare(MemoryStore(), rows)
    assert batch.counts.admitted == 40
    assert batch.counts.events > 120
    assert len(applied) == len(set(applied)) == batch.counts.events
    for change in batch.changes.values():
        folded = RULES.fold(parse_event(event.value) for event in change.events)
        assert RULES.encode_state(folded) == change.state
