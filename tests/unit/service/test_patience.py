import pytest

from litopys.errors import Conflict, Malformed, Unavailable
from litopys.service import patience
from litopys.service.patience import patiently

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(patience, "_LONGEST_PAUSE_S", 0.001)
    monkeypatch.setattr(patience, "_FIRST_PAUSE_S", 0.0001)
    monkeypatch.setattr(patience, "_JITTER_S", 0.0)


async def test_what_the_world_is_at_fault_for_is_tried_again():
    errors = [Unavailable("away"), Conflict("first")] * 10

    async def step():
        if errors:
            raise errors.pop()
        return "done"

    assert await patiently(step) == "done"


@pytest.mark.parametrize("error", [Malformed("x"), ValueError("x"), KeyboardInterrupt()])
async def test_everything_else_leaves_as_it_came(error):
    calls = []

    async def step():
        calls.append(1)
        raise error

    with pytest.raises(type(error)):
        await patiently(step)
    assert calls == [1]
