"""What the roles of a database may do: the service all that it must, the reader only read, and nobody what is final."""

import asyncpg
import pytest

from deploy.local.databases import OWNER, READER, SERVICE, as_role, migrate_database
from litopys.postgres.grants import GRANTS, check_database, grant
from litopys.postgres.ledger_store import ENTRIES_PER_PARTITION, ensure_entry_partitions
from litopys.postgres.migrations import SchemaBehind
from tests.support.databases import tampering

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

REFUSED = asyncpg.InsufficientPrivilegeError
_TABLES = """select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
    and not relispartition"""
_COLUMNS = "select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped"


@pytest.fixture(params=GRANTS)
async def kind(request, database):
    await migrate_database(database, request.param)
    return request.param


@pytest.fixture
async def service(kind, database):
    connection = await asyncpg.connect(as_role(database, SERVICE))
    yield connection
    await connection.close()


@pytest.fixture
async def reader(kind, database):
    connection = await asyncpg.connect(as_role(database, READER))
    yield connection
    await connection.close()


async def refused(connection, statement) -> bool:
    """Whether the server refuses a statement for want of a privilege, before it looks at any row."""
    try:
        await connection.execute(statement)
    except REFUSED:
        return True
    except asyncpg.PostgresError:
        return False
    return False


async def test_the_service_changes_and_removes_nothing_but_what_is_listed(kind, service):
    tables = {row["relname"] for row in await service.fetch(_TABLES)}
    assert tables == GRANTS[kind].tables.keys()
    for table, allowed in GRANTS[kind].tables.items():
        columns = [row["attname"] for row in await service.fetch(_COLUMNS, table)]
        for column in columns:
            is_refused = await refused(service, f'update {table} set "{column}" = "{column}"')
            assert is_refused == (column not in allowed.update), (table, column)
        assert await refused(service, f"delete from {table}") == (not allowed.delete), table
        assert await refused(service, f"insert into {table} default values") == (not allowed.insert), table
        for statement in ("truncate {0} cascade", "drop table {0} cascade", "alter table {0} add column x int"):
            assert await refused(service, statement.format(table)), (statement, table)


async def test_the_reader_reads_and_nothing_else(kind, reader):
    hidden = GRANTS[kind].hidden
    for table in GRANTS[kind].tables:
        assert await refused(reader, f"select from {table} limit 1") == (table in hidden), table
        columns = [row["attname"] for row in await reader.fetch(_COLUMNS, table)]
        statements = [f"delete from {table}", f"truncate {table} cascade", f"insert into {table} default values"]
        statements += [f'update {table} set "{column}" = null' for column in columns]
        for statement in (*statements, f"drop table {table} cascade"):
            assert await refused(reader, statement), statement


@pytest.mark.parametrize("role", [SERVICE, READER])
async def test_no_role_makes_anything_of_its_own_where_the_tables_are(kind, database, role):
    connection = await asyncpg.connect(as_role(database, role))
    for statement in (
        "create table public.mine (x int)",
        "create function public.mine() returns int language sql as 'select 1'",
        "create schema mine",
        *([] if "role=" in database else [f"set role {OWNER}"]),
        "insert into schema_migration (name, number, file, checksum) values ('x', 1, '001_x.sql', '')",
    ):
        assert await refused(connection, statement), statement
    await connection.close()


@pytest.mark.parametrize("kind", ["ledger"], indirect=True)
async def test_the_service_makes_tables_of_entries_as_far_as_the_tree_can_have_grown(kind, service, reader):
    await ensure_entry_partitions(service, 0)
    await ensure_entry_partitions(service, 0)
    await service.execute("insert into entry (index, body) values (0, 'a'), ($1, 'b')", ENTRIES_PER_PARTITION)
    assert await refused(service, "delete from entry_0")
    assert await refused(service, "update entry_0 set body = 'c'")
    assert await refused(service, "drop table entry_0")
    assert await refused(service, "alter table entry detach partition entry_0")
    for size in (-1, ENTRIES_PER_PARTITION + 1):
        with pytest.raises(asyncpg.RaiseError, match="not to come"):
            await ensure_entry_partitions(service, size)
    assert await refused(reader, "select ensure_entry_partitions(0)")
    owner = await service.fetchval("select relowner::regrole::text from pg_class where oid = 'entry_1'::regclass")
    assert owner == OWNER


@pytest.mark.parametrize("kind", ["ledger"], indirect=True)
async def test_a_tile_only_grows(kind, service, database):
    await service.execute("insert into tile (level, index, hashes) values (0, 0, $1)", b"a" * 32)
    await service.execute("update tile set hashes = $1", b"a" * 32 + b"b" * 32)
    for other in (b"a" * 32, b"a" * 32 + b"c" * 32, b"x" * 96):
        with pytest.raises(REFUSED, match="tile 0 of level 0 only grows"):
            await service.execute("update tile set hashes = $1", other)
    async with tampering(database) as connection:
        await connection.execute("update tile set hashes = $1", b"x" * 32)


FINAL_EVENT = """
insert into event (subject, version, position, partition, recorded_at, value) select 'a:1', v, v, 0, now(), 'x'
    from generate_series(1, 3) v;
insert into publication (partition, "offset", position) values (0, 0, 1), (0, 1, 2);
insert into final_range (partition, end_offset, first_offset, height, first_index) values (0, 2, 0, 0, 0);
insert into rejection (partition, "offset", reason) values (0, 1, 'rule')"""


@pytest.mark.parametrize("kind", ["sector"], indirect=True)
async def test_an_event_leaves_its_address_where_the_ledger_refused_it_and_nowhere_else(kind, service, reader):
    await service.execute(FINAL_EVENT)
    for versions in ([1], [1, 2, 3]):
        with pytest.raises(REFUSED, match="is final and stays"):
            await service.execute("select reject_events('a:1', $1, 'rule')", versions)
    assert await service.fetchval("select count(*) from event") == 3
    await service.execute("select reject_events('a:1', $1, 'rule')", [2, 3])
    kept = await service.fetch("select version, value, reason from rejected_event order by version")
    assert [tuple(row) for row in kept] == [(2, b"x", "rule"), (3, b"x", "rule")]
    assert await service.fetchval("select count(*) from event") == 1
    assert await refused(reader, "select reject_events('a:1', '{1}', 'rule')")


async def test_a_process_that_lacks_a_privilege_is_told_which_and_what_to_run(kind, service, reader, database):
    await check_database(service, kind)
    with pytest.raises(SchemaBehind, match=f"this role lacks insert on .*`litopys migrate {kind} --service-role"):
        await check_database(reader, kind)
    async with tampering(database) as connection:
        await connection.execute(f"revoke all on all tables in schema public from {SERVICE}")
    with pytest.raises(SchemaBehind, match="may not read it: run"):
        await check_database(service, kind)
    await migrate_database(database, kind)
    await check_database(service, kind)


async def test_what_a_role_had_before_is_taken_from_it(kind, service, database):
    async with tampering(database) as connection:
        await connection.execute(f"grant all on all tables in schema public to {SERVICE}")
    assert not await refused(service, "delete from stream")
    assert not await refused(service, "truncate stream")
    await migrate_database(database, kind)
    assert await refused(service, "truncate stream")


@pytest.mark.parametrize(
    ("role", "words"), [("nobody_of_that_name", "there is no role"), (OWNER, "is the owner"), (None, "")]
)
async def test_a_role_that_is_not_there_or_owns_all_is_refused(kind, database, role, words):
    owner = await asyncpg.connect(as_role(database, OWNER))
    if role is None:
        await grant(owner, kind, service_role=None, reader_role=None)
    else:
        with pytest.raises(Exception, match=words):
            await grant(owner, kind, service_role=role, reader_role=None)
    await owner.close()
