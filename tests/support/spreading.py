"""How tests are spread over workers: what shares a costly fixture stays together, and the longest begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest
    from xdist.workermanage import WorkerController

# Folders whose files share a fixture that takes long to make: a network, a filled database, compiled programs.
SHARED = ("tests/e2e", "tests/integration/audit", "tests/interop")
ALONE = ("tests/e2e/test_demo.py", "tests/e2e/test_kills.py")  # each has a network of its own
# They read or write the caches of ruff and mypy, which take long to fill and are not made for two at once.
TOOLS = ("tests/house/test_tools.py", "tests/contracts/test_template.py")
# What lasts begins, so that the end, when a worker may be left without work, is made of short files.
LONGEST = ("tests/e2e", "tools", "tests/planted", "tests/integration", "tests/interop", "tests/house")


def unit_of(nodeid: str) -> str:
    """The name of what is given to a worker as one: mostly the file."""
    file = nodeid.partition("::")[0]
    if file in ALONE:
        return file
    if file in TOOLS:
        return "tools"
    return next((folder for folder in SHARED if file.startswith(f"{folder}/")), file)


def longest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The same tests in the order in which they are to be given out."""

    def place(item: pytest.Item) -> int:
        unit = unit_of(item.nodeid)
        return next((n for n, start in enumerate(LONGEST) if unit.startswith(start)), len(LONGEST))

    return sorted(items, key=place)


class Spreading(LoadScopeScheduling):
    """Gives out units in the order in which the workers collected them. A worker that crashes ends the run."""

    def __init__(self, config: pytest.Config, log: object = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)  # type: ignore[arg-type]

    def remove_node(self, node: WorkerController) -> str | None:
        """Forget a worker and answer the test that it died of, which is not given to the next one to die of as well."""
        units = self.assigned_work.pop(node).values()
        unfinished = [test for unit in units for test, is_done in unit.items() if not is_done]
        if not unfinished:
            return None
        self.workqueue.clear()
        return unfinished[0]

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)
