"""The databases that tests are lent: one that others have used is like one that nobody has."""

import asyncpg
import pytest

from deploy.local.postgres import create_database, drop_database
from tests.support.databases import Databases

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

USED = """
create table one (n serial primary key, t text); insert into one (t) values ('x');
create view two as select n from one;
create type three as enum ('a');
create function four() returns int language sql as 'select 4';
create table five (n int) partition by list (n); create table six partition of five for values in (6)"""
# Everything that somebody made here, whatever it is, and every setting.
ALL = """
select 'class' as what, relname::text as name from pg_class where oid >= 16384
union all select 'function', proname from pg_proc where oid >= 16384
union all select 'type', typname from pg_type where oid >= 16384
union all select 'schema', nspname from pg_namespace where nspname !~ '^pg_'
union all select 'extension', extname from pg_extension
union all select 'large object', oid::text from pg_largeobject_metadata
union all select 'setting', setconfig::text from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
    where d.datname = current_database()
order by 1, 2"""


@pytest.fixture
async def databases(postgres_server):
    databases = Databases(postgres_server)
    yield databases
    await databases.close()


async def everything(dsn):
    connection = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await connection.fetch(ALL)]
    finally:
        await connection.close()


async def test_a_database_is_lent_again_as_if_it_were_new(databases, postgres_server):
    new = await everything(await create_database(postgres_server, "quite_new"))
    await drop_database(postgres_server, "quite_new")
    lent = await databases.lend()
    user = await asyncpg.connect(lent)
    await user.execute(USED)
    name = await user.fetchval("select current_database()")
    await user.execute(f'alter database "{name}" set default_transaction_read_only = on')
    assert len(await everything(lent)) > len(new) + 8
    await databases.take_back(lent)
    assert await databases.lend() == lent
    assert await everything(lent) == new
    with pytest.raises((asyncpg.PostgresError, OSError, asyncpg.InterfaceError)):
        await user.execute("select 1")
    await user.close()


@pytest.mark.parametrize("made", ["create schema other", "select lo_create(0)"])
async def test_what_lies_elsewhere_goes_with_its_database(databases, made):
    lent = await databases.lend()
    user = await asyncpg.connect(lent)
    await user.execute(made)
    await databases.take_back(lent)
    assert await databases.lend() != lent
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(lent)
    await user.close()
