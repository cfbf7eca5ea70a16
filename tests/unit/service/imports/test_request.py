"""What can be told of an import before anything is looked at."""

from pathlib import Path

import pytest

from litopys.service.imports.request import ImportRefused, ImportRequest
from tests.support.toy_sector.sector import BOXES


def request(**changes) -> ImportRequest:
    given = {
        "importer": BOXES,
        "path": Path("boxes.jsonl"),
        "actor": "o:1",
        "approver": "o:2",
        "authority": "a ministry",
        "basis": "order 1",
        "as_of": "2026-11-01",
        "report": Path("report.tsv"),
    }
    return ImportRequest(**{**given, **changes})


@pytest.mark.parametrize("changes", [{}, {"approver": None}, {"as_of": "2026-11"}])
def test_what_can_be_done(changes):
    request(**changes).check()


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"approver": "o:1"}, "one-person"), ({"as_of": "yesterday"}, "as-of"), ({"as_of": "2026-02-30"}, "as-of")],
)
def test_what_is_refused_at_once(changes, code):
    with pytest.raises(ImportRefused) as refused:
        request(**changes).check()
    assert refused.value.code == code
