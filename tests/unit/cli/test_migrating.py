"""`litopys migrate`, as far as no database is needed."""

import pytest

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def test_a_database_has_to_be_named(run, monkeypatch):
    monkeypatch.delenv("LITOPYS_OWNER_DATABASE_URL", raising=False)
    ran = run("migrate", "ledger")
    assert ran.code == 2
    assert "LITOPYS_OWNER_DATABASE_URL" in ran.err


@pytest.mark.parametrize("kind", ["ledger", "sector"])
def test_a_database_that_does_not_answer_says_nothing_for_certain(run, monkeypatch, kind):
    monkeypatch.setenv("LITOPYS_OWNER_DATABASE_URL", NOWHERE)
    assert run("migrate", kind).code == 3


def test_other_databases_than_ours_are_not_known(run):
    assert run("migrate", "blog", f"--database={NOWHERE}").code == 2
