"""Which Postgres is used, and what its addresses look like."""

import pytest

from deploy.local.postgres import GivenPostgres, OwnPostgres, find_postgres, page_compression


def test_the_given_server_comes_first(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@db:5433/admin?sslmode=require")
    server = find_postgres(tmp_path)
    assert server == GivenPostgres("postgresql://u:p@db:5433/admin?sslmode=require")
    assert server.dsn("x") == "postgresql://u:p@db:5433/x?sslmode=require"
    assert server.admin_dsn == "postgresql://u:p@db:5433/admin?sslmode=require"


def test_without_one_it_is_our_own(monkeypatch, tmp_path):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    server = find_postgres(tmp_path)
    assert isinstance(server, OwnPostgres)
    assert server.dsn("x") == f"postgresql:///x?host={tmp_path}/sockets&port=5432&user=litopys"


def test_a_socket_has_a_short_path(tmp_path):
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    assert "long" not in OwnPostgres(folder).dsn("x")
    assert OwnPostgres(folder).dsn("x") == OwnPostgres(folder).dsn("x")


@pytest.mark.parametrize(("durable", "fsync"), [(True, False), (False, True)])
def test_only_a_server_that_is_not_durable_goes_without_fsync(tmp_path, durable, fsync):
    assert ("fsync=off" in OwnPostgres(tmp_path, durable=durable).process.command) is fsync


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ('FATAL:  invalid value for parameter "wal_compression": "lz4"', "off"),
        ("postgres does not know where to find the server configuration file.", "lz4"),
    ],
)
def test_pages_are_compressed_by_lz4_where_the_server_has_it(tmp_path, said, found):
    server = tmp_path / "postgres"
    server.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    server.chmod(0o755)
    assert page_compression(tmp_path) == found


def test_our_own_server_never_compresses_pages_by_its_own_slow_means(tmp_path):
    command = " ".join(OwnPostgres(tmp_path).process.command)
    assert "wal_compression=lz4" in command or "wal_compression=off" in command
