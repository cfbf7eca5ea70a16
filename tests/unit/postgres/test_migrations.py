"""Migration files are read strictly: numbered without gaps, named plainly, hashed as they are."""

import hashlib
import re
import sys

import pytest

from litopys.postgres.grants import GRANTS, PACKAGES
from litopys.postgres.migrations import read_migrations


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "some_migrations"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    sys.modules.pop("some_migrations", None)


def test_reads_in_order_of_number(package):
    (package / "002_second.sql").write_text("select 2")
    (package / "001_first.sql").write_text("select 1")
    found = read_migrations("some_migrations")
    assert [(m.number, m.file, m.sql) for m in found] == [
        (1, "001_first.sql", "select 1"),
        (2, "002_second.sql", "select 2"),
    ]
    assert found[0].checksum == hashlib.sha256(b"select 1").digest()


@pytest.mark.parametrize("name", ["1_first.sql", "001-first.sql", "001_First.sql", "first.sql"])
def test_refuses_an_odd_name(package, name):
    (package / name).write_text("select 1")
    with pytest.raises(ValueError, match=name):
        read_migrations("some_migrations")


def test_refuses_a_gap(package):
    (package / "001_first.sql").write_text("select 1")
    (package / "003_third.sql").write_text("select 3")
    with pytest.raises(ValueError, match="1 to 2"):
        read_migrations("some_migrations")


def test_the_ledger_has_its_migrations():
    assert read_migrations("litopys.postgres.sql.ledger")[0].file == "001_ledger.sql"


def test_a_file_says_beside_which_builds_it_runs(package):
    (package / "001_first.sql").write_text("select 1")
    (package / "002_from_001_second.sql").write_text("select 2")
    (package / "003_third.sql").write_text("select 3")
    found = read_migrations("some_migrations")
    assert [(m.number, m.oldest) for m in found] == [(1, 1), (2, 1), (3, 3)], "who says nothing ends what is older"


@pytest.mark.parametrize("name", ["001_from_000_first.sql", "001_from_002_first.sql"])
def test_refuses_to_run_beside_builds_that_never_were(package, name):
    (package / name).write_text("select 1")
    with pytest.raises(ValueError, match=name):
        read_migrations("some_migrations")


@pytest.mark.parametrize("name", GRANTS)
def test_every_table_of_the_layout_has_its_grants(name):
    """A table that a migration adds is granted to nobody until it is listed."""
    sql = "\n".join(re.sub("--.*", "", migration.sql) for migration in read_migrations(PACKAGES[name]))
    made = set(re.findall(r"^create table (\w+)", sql, re.MULTILINE)) | {"schema_migration"}
    assert made == GRANTS[name].tables.keys()


def test_nobody_but_the_owner_removes_what_is_final():
    """Of all tables, rows go from queues, and from what is made anew from the rest."""
    removed = {table for grants in GRANTS.values() for table, allowed in grants.tables.items() if allowed.delete}
    assert removed == {"stream", "outbox", "signed", "foreign_record", "idempotency", "search_entry", "event_trace"}
    final = {"block", "entry", "cosignature", "final_checkpoint", "event", "publication", "final_range", "evidence"}
    changed = {table for grants in GRANTS.values() for table, allowed in grants.tables.items() if allowed.update}
    assert not final & (removed | changed)
