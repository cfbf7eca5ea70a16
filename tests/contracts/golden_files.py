"""Golden streams: the exact bytes of events, and the state after each. What stands there is never written again.

`python -m tests.contracts.golden_files` writes the stories that have no golden files yet. While a sector is being made,
`--again SECTOR` writes its files anew, as long as no commit has them.
"""

import importlib
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from litopys.event.cloudevents import format_event
from services.catalogue import load_domain, sector_names

GOLDEN = Path(__file__).parent / "golden"


class Golden(NamedTuple):
    """A stream as it was when its rules came into force."""

    sector: str
    rules: int
    story: str
    values: list[bytes]
    states: list[bytes]


def load_goldens() -> list[Golden]:
    """Read every golden stream."""
    found = []
    for path in sorted(GOLDEN.glob("*/*/*.events.jsonl")):
        states = path.with_name(path.name.replace(".events.", ".states."))
        rules, sector = path.parent, path.parent.parent
        story = path.name.partition(".")[0]
        golden = Golden(sector.name, int(rules.name), story, _lines(path), _lines(states))
        found.append(golden)
    return found


def stories_of(sector: str, rules: int = 1) -> ModuleType:
    """A sector's stories, those under a later version of rules in a file `<sector>_<version>.py`.

    Each has `RULES`, `stories()` and `busy(aggregate, count)`, for the aggregates that this version changed or brought.
    """
    return importlib.import_module(f"tests.contracts.stories.{sector}" + (f"_{rules}" if rules > 1 else ""))


def write_missing() -> None:
    """Write the stories that are not told yet."""
    versions = [
        (sector, rules)
        for sector in sector_names()
        for rules in importlib.import_module(f"services.{sector}.domain").DOMAINS
    ]
    for sector, rules in versions:
        module = stories_of(sector, rules)
        domain = load_domain(sector, module.RULES)
        folder = GOLDEN / sector / str(module.RULES)
        folder.mkdir(parents=True, exist_ok=True)
        for story, stream in module.stories().items():
            path = folder / f"{story}.events.jsonl"
            if path.exists():
                continue
            state: Any = None
            values, states = [], []
            for event in stream.events:
                state = domain.evolve(state, event)
                values.append(format_event(event))
                states.append(domain.encode_state(state))
            path.write_bytes(b"".join(value + b"\n" for value in values))
            path.with_name(f"{story}.states.jsonl").write_bytes(b"".join(state + b"\n" for state in states))


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines()


def forget(sector: str) -> None:
    """Remove a sector's golden files; exits where a commit has any of them."""
    kept = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", "HEAD", "--", str(GOLDEN / sector)],
        cwd=GOLDEN,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    if kept:
        sys.exit(f"{kept[0]} is committed: its meaning stands for ever, see docs/adding-a-sector.md")
    shutil.rmtree(GOLDEN / sector, ignore_errors=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--again"]:
        for name in sys.argv[2:]:
            forget(name)
    write_missing()
