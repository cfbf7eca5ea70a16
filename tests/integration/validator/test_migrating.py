"""A database that a newer build has migrated, under a validator of this build that goes on working."""

import asyncio

import pytest

from litopys.postgres.migrations import SchemaAhead, SchemaBehind
from tests.support.databases import tampering
from tests.support.live_network import until
from tests.support.newer_build import newer_build

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

# A column and an index on what is written at every block, and a table that this build knows nothing of.
BESIDE = """
alter table block add column noted text;
alter table vote add column weight integer not null default 1;
create index stream_newer on stream (last_index);
create table newer (x integer primary key)"""


async def test_a_validator_works_through_a_migration_and_starts_again_on_it(live, kyiv, database, tmp_path):
    async def publish():
        for number in range(40):
            await live.publish(f"thing:{number}")
            await kyiv.finalise(height=(await live.seal()).height)

    with newer_build("ledger", tmp_path) as newer:
        load = asyncio.create_task(publish())
        await kyiv.reached(height=5)
        await newer.migrate(database, BESIDE, runs_beside=True)
        assert not load.done(), "the migration came after the load"
        await load
        await kyiv.reached(height=live.height)
        assert kyiv.standing.fault is None
        await kyiv.pause()
        kyiv.resume()
        await live.publish("thing:after")
        block = await live.seal()
        assert (await kyiv.reached(height=block.height)).height == live.height
        assert await kyiv.pool.fetchval("select count(*) from vote") == live.height + 1
        await kyiv.pause()
        name = await newer.migrate(database, "alter table block drop column noted", runs_beside=False)
        kyiv.resume()
        with pytest.raises(SchemaAhead, match=f"{name}, beside which builds run that know"):
            await until(lambda: asyncio.sleep(0.02, kyiv._check()), what="that it ends")
        await asyncio.wait([kyiv._task])
        kyiv._task = None


async def test_a_validator_whose_database_lacks_a_migration_ends_and_says_so(live, kyiv, database):
    await kyiv.pause()
    async with tampering(database) as connection:
        await connection.execute("delete from schema_migration where number = 3")
    kyiv.resume()
    with pytest.raises(SchemaBehind, match=r"lacks 003_.*: run `litopys migrate ledger` as its owner"):
        await until(lambda: asyncio.sleep(0.02, kyiv._check()), what="that it ends")
    assert kyiv.standing.halted is None, "nobody lied"
    kyiv._task = None
