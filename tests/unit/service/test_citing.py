"""What is about to be acknowledged cites events of its own sector that there are; of others nobody can know."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from litopys.errors import RuleViolated
from litopys.event.streams import Citation
from litopys.service.citing import check_cited
from litopys.service.commands import Desk
from litopys.service.writing import Stream, Writer
from litopys.sourcing.facts import Decided
from tests.support.memory_store import MemoryStore, Record
from tests.support.toy_sector.domain import RULES, BoxOpened, ItemsAdded
from tests.support.toy_sector.sector import TOY

pytestmark = pytest.mark.anyio

WRITER = Writer(origin="ledger.example/test", sector="toy", partitions=2, domain=RULES)


def cited(*names: tuple[str, int]):
    return tuple(Citation(*one) for one in names)


def change(*cites: tuple[str, int]):
    """A new box, and items in it whose event cites what is given."""
    opened = Decided("box_opened", 1, BoxOpened("hats", None, "sha-256", None))
    added = Decided("items_added", 1, ItemsAdded(1, "2026", None), cited(*cites))
    return WRITER.change(Stream("box:b9", 0, None), [opened, added], actor="o:1")[0]


def store(**versions: int) -> MemoryStore:
    made = MemoryStore()
    for key, version in versions.items():
        made.streams[f"box:{key}"] = Record(subject=f"box:{key}", version=version, state=b"null", stopped=None)
    return made


@pytest.mark.parametrize("cites", [[("box:b1", 2)], [("box:b9", 1)], [("crate:c1", 7)], [("box:b1", 1), ("tree:x", 1)]])
async def test_what_is_there_or_is_of_another_sector_may_be_cited(cites):
    await check_cited(store(b1=2), change(*cites), RULES)


@pytest.mark.parametrize(
    "cites", [[("box:b1", 3)], [("box:b2", 1)], [("box:b9", 2)], [("box:b9", 3)], [("box:b1", 1), ("box:b2", 1)]]
)
async def test_what_is_not_there_may_not(cites):
    with pytest.raises(RuleViolated, match=f"citation: there is no {cites[-1][0]}@{cites[-1][1]} to cite"):
        await check_cited(store(b1=2), change(*cites), RULES)


async def test_what_is_known_is_not_asked_for():
    assert await check_cited(None, change(("box:b1", 2)), RULES, known={"box:b1": 2}.get) == {}
    assert await check_cited(store(b1=5), change(("box:b1", 2)), RULES) == {"box:b1": 5}


async def test_a_command_that_cites_what_is_not_there_is_refused():
    async def always() -> None:
        return None

    def decide(_command, _state, _context):
        return [opened._replace(cites=cited(("box:b1", 3)))]

    opened = Decided("box_opened", 1, BoxOpened("hats", None, "sha-256", None))
    wire = SimpleNamespace()
    command = replace(TOY.aggregate("box").commands[0], begins=True, prepare=lambda *_: wire, decide=decide)
    desk = Desk(store(b1=2), WRITER, always)
    with pytest.raises(RuleViolated, match="citation"):
        await desk.execute(command, wire, subject="box:b9", actor="o:1", expected_version=None, request=None)
