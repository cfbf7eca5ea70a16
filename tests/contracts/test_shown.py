"""Whatever a golden stream went through, it is shown now, as recorded and as valid at any time, and can be found."""

import json

import pytest

from litopys.event.cloudevents import parse_event
from litopys.service.search.indexing import Indexing
from services.catalogue import load_domain, load_sector
from tests.contracts.golden_files import load_goldens

MOMENTS = ("1950", "2015-06", "2020-02-29", "2026-11-23T10:00:00Z", "2100")


def shown_goldens():
    """Golden streams of kinds that HTTP shows, each with its kind."""
    for golden in load_goldens():
        kinds = {one.name: one for one in load_sector(golden.sector).aggregates}
        kind = kinds.get(parse_event(golden.values[0]).aggregate)
        if kind is not None:
            yield pytest.param(golden, kind, id=f"{golden.sector}-{golden.rules}-{golden.story}")


@pytest.mark.parametrize(("golden", "kind"), list(shown_goldens()))
def test_a_golden_stream_is_shown_at_both_times_and_found(golden, kind):
    domain = load_domain(golden.sector, golden.rules)
    indexing = Indexing(load_sector(golden.sector).searches, b"k" * 32)
    events = [parse_event(value) for value in golden.values]
    facts = [domain.fact(event) for event in events]
    for count in range(1, len(events) + 1):
        state = domain.fold(events[:count])
        # A stream may end as nothing: then there is no object.
        assert state is None or json.dumps(kind.view(state))
        for moment in MOMENTS:
            seen = kind.view_at(facts[:count], moment)
            assert seen is None or json.dumps(seen)
        entry = indexing.entry(events[0].subject, state)
        assert (entry is None) == (kind.search is None)
        if entry is not None:
            names = {term.partition("=")[0].removeprefix(f"{kind.name}.") for term in entry.terms}
            assert names <= kind.search.terms.keys()
