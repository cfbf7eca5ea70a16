"""docs/reliability.md names tests; each of them is there."""

import re

import pytest

from tests.house.tree import ROOT

_NAMED = re.compile(r"`((?:unit|integration|e2e|contracts|planted)/[\w/]+\.py)(?:::(\w+))?`")
NAMED = sorted(set(_NAMED.findall((ROOT / "docs" / "reliability.md").read_text())))


@pytest.mark.parametrize(("file", "function"), NAMED, ids=["::".join(one).rstrip(":") for one in NAMED])
def test_what_the_document_names_is_there(file, function):
    text = (ROOT / "tests" / file).read_text()
    assert not function or f"def {function}(" in text


def test_every_promise_has_a_row():
    rows = re.findall(r"^\| (I\d+) \|.*`", (ROOT / "docs" / "reliability.md").read_text(), re.MULTILINE)
    assert rows == [f"I{number}" for number in range(1, 13)]
