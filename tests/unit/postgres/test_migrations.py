"""Migration files are read strictly: numbered without gaps, named plainly, hashed as they are."""

import hashlib
import sys

import pytest

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
