"""The wall clock may jump by hours, so it is read at few places: never to wait, to rest, or to tell what came first."""

import ast

from tests.house.tree import sources

READERS = {
    "services/energy/issuing/lives.py": "whether a guarantee has expired, by its own date",
    "services/energy/issuing/service.py": "tokens of its own",
    "services/validator/core.py": "the time that a vote names",
    "shared/litopys/cli/amending.py": "the time that a cosignature of an amendment names",
    "shared/litopys/cli/audit_metrics.py": "when an audit ended",
    "shared/litopys/cli/importing.py": "the day of an export that names none",
    "shared/litopys/cli/keys.py": "tokens",
    "shared/litopys/service/http/callers.py": "whether a token has expired",
    "shared/litopys/service/tracing.py": "when a span ended",
    "shared/litopys/service/writing.py": "the time that an event names",
}
WALL = {"time.time", "time.time_ns", "time.localtime", "time.gmtime", "datetime.now", "datetime.utcnow", "date.today"}


def reads_wall_clock(source) -> bool:
    return any(isinstance(node, ast.Attribute) and ast.unparse(node) in WALL for node in ast.walk(source.tree))


def test_the_wall_clock_is_read_where_it_is_listed_and_nowhere_else():
    found = {source.path for source in sources() if reads_wall_clock(source) and not source.path.startswith("deploy/")}
    assert found == set(READERS)
