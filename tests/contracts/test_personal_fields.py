"""Every personal field of every sector has a class, and what is always closed is closed everywhere."""

import json
import random
import re

import pytest

from litopys.service.sealing import NEVER_OPEN, Sealing
from services.catalogue import load_sector, sector_names

AGGREGATES = [
    pytest.param(aggregate, id=f"{sector}-{aggregate.name}")
    for sector in sector_names()
    for aggregate in load_sector(sector).aggregates
]


class Noting(Sealing):
    """Notes which fields are sealed, and under which class."""

    def __init__(self):
        super().__init__(random.Random(5).randbytes)
        self.noted: dict[str, bool] = {}

    def seal(self, identifier, *, closed, open_=None):
        self.noted |= dict.fromkeys(closed, False) | dict.fromkeys(open_ or (), True)
        return super().seal(identifier, closed=closed, open_=open_)


@pytest.mark.parametrize("aggregate", AGGREGATES)
def test_what_commands_seal_has_the_class_that_is_declared(aggregate):
    declared = {name: field.is_open for name, field in aggregate.personal.items()}
    for command in aggregate.commands:
        for example in command.wire.model_json_schema().get("examples", ()):
            sealing = Noting()
            command.prepare(command.wire.model_validate_json(json.dumps(example)), sealing)
            wrong = {name for name, is_open in sealing.noted.items() if declared.get(name) is not is_open}
            assert not wrong, f"AggregateType.personal of {aggregate.name} does not say so of {sorted(wrong)}"


@pytest.mark.parametrize("aggregate", AGGREGATES)
def test_what_no_law_publishes_is_closed(aggregate):
    for name, field in aggregate.personal.items():
        assert re.fullmatch("[a-z][a-z0-9_]{0,62}", name)
        assert field.says
        assert not (field.is_open and name in NEVER_OPEN), f"{name} is never open"
        assert not (field.is_open and field.identifies), f"{name} is open: whoever reads it would pass for the person"


@pytest.mark.parametrize("aggregate", AGGREGATES)
def test_persons_are_found_by_fields_that_are_declared(aggregate):
    if aggregate.search is None:
        return
    for name in aggregate.search.person_fields:
        assert aggregate.personal[name].is_open == (name in aggregate.search.open_fields), name
