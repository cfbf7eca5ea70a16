"""What is signed is kept until its bytes were read back from the topic."""

import pytest

from litopys.postgres.pool import transaction
from litopys.postgres.sector_append import append
from litopys.postgres.sector_outbox import Signed, load_signed, store_lines, store_seen, take_waiting
from litopys.service.writing import Stream
from litopys.sourcing.facts import Decided
from tests.support.toy_sector import domain as toy

pytestmark = pytest.mark.anyio


async def test_what_is_signed_waits_until_it_was_read_back(pool, writer):
    opened = Decided("box_opened", 1, toy.BoxOpened("shoes", None, "sha-256", None))
    async with transaction(pool) as connection:
        await append(connection, [writer.change(Stream("box:b1", 0, None), [opened], actor="o:1")[0]])
    (waiting,) = await take_waiting(pool, 10)
    signed = Signed(
        waiting.position, waiting.subject, waiting.version, waiting.partition, b"a line", value=waiting.value
    )
    async with transaction(pool) as connection:
        await store_lines(connection, [signed])
    assert await take_waiting(pool, 10) == []
    assert await load_signed(pool, after=0, limit=10) == [signed]
    async with transaction(pool) as connection:
        await store_seen(connection, seen=[], settled=[signed.position], foreign=[], ends={0: 1})
    assert await load_signed(pool, after=0, limit=10) == []
