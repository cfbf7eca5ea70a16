"""A store that a newer build has migrated, under a sector of this build that goes on acknowledging."""

import asyncio
import itertools

import pytest

from litopys.errors import Conflict, Unavailable
from litopys.postgres.migrations import SchemaAhead, SchemaBehind
from litopys.postgres.sector_verdicts import State
from litopys.service.process import check_store
from tests.support.databases import tampering
from tests.support.newer_build import newer_build

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

BESIDE = """
alter table event add column noted text;
alter table stream add column rank integer not null default 0;
create index outbox_newer on outbox (subject);
create table newer (x integer primary key)"""


async def test_a_sector_works_through_a_migration_and_starts_again_on_it(toy, database, tmp_path):
    is_enough = asyncio.Event()

    async def open_boxes(clerk):
        done = []
        while not is_enough.is_set():
            try:
                done.append(await toy.open_box(f"c{clerk}n{len(done)}"))
            except (Conflict, Unavailable):  # said again, as a client does
                await asyncio.sleep(0.01)
        return done

    with newer_build("sector", tmp_path) as newer:
        async with toy.life():
            clerks = [asyncio.create_task(open_boxes(clerk)) for clerk in range(4)]
            first = await toy.open_box("first")
            await newer.migrate(database, BESIDE, runs_beside=True)
            is_enough.set()
            opened = await asyncio.gather(*clerks)
            for address in (first, *itertools.chain.from_iterable(opened)):
                assert (await toy.settled(address)).state is State.FINAL
        await check_store(toy.world.dsn)
        async with toy.life():
            assert (await toy.settled(await toy.open_box("after"))).state is State.FINAL
        name = await newer.migrate(database, "alter table event drop column noted", runs_beside=False)
        with pytest.raises(SchemaAhead, match=f"{name}, beside which builds run that know"):
            await check_store(toy.world.dsn)


async def test_a_sector_whose_store_lacks_a_migration_says_what_to_run(toy, database):
    async with tampering(database) as connection:
        await connection.execute("delete from schema_migration where number >= 8")
    with pytest.raises(SchemaBehind, match=r"lacks 008_.*: run `litopys migrate sector` as its owner"):
        await check_store(toy.world.dsn)
