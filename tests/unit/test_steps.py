"""Whoever measures is told of every step that was taken, and of none that was not."""

import pytest

from litopys import steps
from litopys.steps import Step, measure_steps, pass_on, passed


@pytest.fixture
def told(monkeypatch):
    monkeypatch.setattr(steps, "_measuring", [*steps._measuring])
    told = []
    measure_steps(lambda step, seconds: told.append((step, seconds)))
    return told


def test_a_step_that_is_taken_is_told_with_its_seconds(told):
    with passed(Step.VOTE, pass_on):
        pass
    ((step, seconds),) = told
    assert step is Step.VOTE
    assert 0 <= seconds < 1


def test_a_step_that_fails_is_not_told(told):
    with pytest.raises(OSError, match="full"), passed(Step.VOTE, pass_on):
        raise OSError("full")
    assert told == []
