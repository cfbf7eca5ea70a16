"""The same database as another role, whoever runs its server."""

import pytest

from deploy.local.databases import READER, SERVICE, as_role
from deploy.local.postgres import GivenPostgres, OwnPostgres
from tests.support.databases import administrator


@pytest.mark.parametrize("role", [SERVICE, READER])
def test_on_our_own_server_a_role_logs_in(tmp_path, role):
    dsn = OwnPostgres(tmp_path).dsn("x")
    assert as_role(dsn, role) == dsn.removesuffix("user=litopys") + f"user={role}"


def test_on_a_given_server_who_logs_in_takes_the_role():
    dsn = GivenPostgres("postgresql://u:p@db:5433/postgres?sslmode=require").dsn("x")
    assert as_role(dsn, SERVICE) == f"postgresql://u:p@db:5433/x?sslmode=require&role={SERVICE}"
    assert administrator(as_role(dsn, SERVICE)) == "postgresql://u:p@db:5433/x?sslmode=require&role=none"


def test_tests_tamper_as_whoever_runs_the_server(tmp_path):
    dsn = OwnPostgres(tmp_path).dsn("x")
    assert administrator(as_role(dsn, SERVICE)) == administrator(dsn) == dsn
