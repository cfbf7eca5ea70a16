import os
from pathlib import Path

import pytest

from tests.bench.proc import TICK_S, Stat, parse_stat
from tests.bench.usage import Usage, parse_pss_kib, session_role, since

# pid, name, state, parent, …; fields 14 to 17 are ticks of the process and of its ended children
STAT = "42 (a ) b (c) S 7 42 42 0 -1 4194560 1 2 3 4 11 22 33 44 20 0 1 0 100 0 0"


def test_a_name_with_brackets_moves_no_field():
    assert parse_stat(STAT) == Stat("a ) b (c", 7, 33 * TICK_S, 77 * TICK_S, 100)


def test_our_own_process_is_read():
    stat = parse_stat(Path("/proc/self/stat").read_text())
    assert stat.parent == os.getppid()
    assert 0 < parse_pss_kib(Path("/proc/self/smaps_rollup").read_text()) < 1 << 24


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("postgres: litopys litopys_17739_validator_kyiv [local] COMMIT\0\0", "validator_kyiv"),
        ("postgres: litopys litopys_17739_sector_registers [local] idle", "sector_registers"),
        ("postgres: litopys postgres [local] SELECT", "server"),
        ("postgres: checkpointer ", "server"),
        ("postgres: autovacuum worker litopys_17739_validator_kyiv", "server"),
        ("postgres: logical replication launcher", "server"),
    ],
)
def test_a_session_is_known_by_its_title(title, role):
    assert session_role(title) == role


def test_a_process_that_began_anew_is_counted_from_there():
    before = {
        "sealer": Usage(5.0, 1),
        "relay": Usage(9.0, 1),
        "postgres: a": Usage(3.0, 1),
        "postgres: ended": Usage(0, 1),
    }
    now = {
        "sealer": Usage(7.5, 1),
        "relay": Usage(2.0, 1),
        "postgres: a": Usage(1.0, 1),
        "postgres: ended": Usage(4.0, 1),
    }
    assert since(now, before) == {"sealer": 2.5, "relay": 2.0, "postgres: a": -2.0, "postgres: ended": 4.0}
