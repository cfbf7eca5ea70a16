"""What a validator tells of its ledger: events, which are not entries, and of those only what was not refused."""

from types import SimpleNamespace

import pytest
from prometheus_client import REGISTRY

from litopys.ledger.blocks import Range
from litopys.postgres.ledger_finality import FinalRow
from services.validator.measuring import measure_admitted, measure_final


def admitted(sector):
    return REGISTRY.get_sample_value("litopys_events_admitted_total", {"sector": sector}) or 0.0


def refusal(sector):
    return SimpleNamespace(rejection=SimpleNamespace(sector=sector))


def test_events_of_a_block_are_counted_by_sector_without_those_refused():
    ranges = [Range("registers", 0, 5, 9, b""), Range("registers", 3, 0, 2, b""), Range("energy", 1, 7, 8, b"")]
    verdict = SimpleNamespace(
        block_entry=SimpleNamespace(block=SimpleNamespace(ranges=ranges)),
        refusals=[refusal("registers"), refusal("energy")],
    )
    before = {sector: admitted(sector) for sector in ("registers", "energy")}
    measure_admitted(verdict)
    assert {sector: admitted(sector) - count for sector, count in before.items()} == {"registers": 5, "energy": 0}


@pytest.mark.parametrize(("size", "height", "events"), [(0, -1, 0), (10, 0, 9), (100, 4, 95)])
def test_of_the_final_entries_one_a_block_is_no_event(size, height, events):
    measure_final(FinalRow(size, height, bytes(32)))
    assert REGISTRY.get_sample_value("litopys_final_events") == events
    assert REGISTRY.get_sample_value("litopys_final_height_blocks") == height
