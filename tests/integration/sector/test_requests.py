import pytest

from litopys.postgres.pool import transaction
from litopys.postgres.sector_requests import (
    Request,
    RequestInFlight,
    forget_answers,
    keyed_digest,
    load_answer,
    load_digest_key,
    lock_request,
    store_answer,
)

pytestmark = pytest.mark.anyio


async def test_a_database_has_a_digest_key_from_its_migration_on(pool):
    key = await load_digest_key(pool)
    assert len(key) == 32
    assert await load_digest_key(pool) == key
    assert keyed_digest(key, b"a") != keyed_digest(b"other" * 4, b"a")


async def test_an_answer_is_found_again_and_forgotten_in_time(pool):
    request = Request("o:1", "k", b"digest")
    assert await load_answer(pool, request) is None
    async with transaction(pool) as connection:
        await lock_request(connection, request)
        await store_answer(connection, request, subject="box:b1", version=3)
    assert tuple(await load_answer(pool, request)) == (b"digest", "box:b1", 3)
    assert await load_answer(pool, request._replace(actor="o:2")) is None
    async with transaction(pool) as connection:
        await forget_answers(connection)
    assert await load_answer(pool, request) is not None
    await pool.execute("update idempotency set made_at = now() - interval '8 days'")
    async with transaction(pool) as connection:
        await forget_answers(connection)
    assert await load_answer(pool, request) is None


async def test_one_request_at_a_time_under_one_key(pool):
    request = Request("o:1", "k", b"digest")
    async with transaction(pool) as first:
        await lock_request(first, request)
        with pytest.raises(RequestInFlight):
            async with transaction(pool) as second:
                await lock_request(second, request)
    async with transaction(pool) as third:
        await lock_request(third, request)
