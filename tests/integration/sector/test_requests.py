import pytest

from litopys.postgres.pool import transaction
from litopys.postgres.sector_requests import (
    Request,
    RequestInFlight,
    forget_answers,
    keyed_digest,
    load_answers,
    load_digest_key,
    lock_requests,
    store_answers,
)
from tests.support.databases import tampering

pytestmark = pytest.mark.anyio


async def test_a_database_has_a_digest_key_from_its_migration_on(pool):
    key = await load_digest_key(pool)
    assert len(key) == 32
    assert await load_digest_key(pool) == key
    assert keyed_digest(key, b"a") != keyed_digest(b"other" * 4, b"a")


async def test_an_answer_is_found_again_and_forgotten_in_time(pool, database):
    request = Request("o:1", "k", b"digest")
    assert (await load_answers(pool, [request]))[0] is None
    async with transaction(pool) as connection:
        await lock_requests(connection, [request])
        await store_answers(connection, {request: ("box:b1", 3)})
    others = [request._replace(actor="o:2"), request, request._replace(key="l")]
    assert await load_answers(pool, others) == [None, (b"digest", "box:b1", 3), None]
    async with transaction(pool) as connection:
        await forget_answers(connection)
    assert (await load_answers(pool, [request]))[0] is not None
    async with tampering(database) as connection:
        await connection.execute("update idempotency set made_at = now() - interval '8 days'")
    async with transaction(pool) as connection:
        await forget_answers(connection)
    assert (await load_answers(pool, [request]))[0] is None


async def test_one_request_at_a_time_under_one_key(pool):
    request = Request("o:1", "k", b"digest")
    async with transaction(pool) as first:
        await lock_requests(first, [request])
        with pytest.raises(RequestInFlight):
            async with transaction(pool) as second:
                await lock_requests(second, [request])
    async with transaction(pool) as third:
        await lock_requests(third, [request])


async def test_one_key_that_is_taken_hinders_all_that_are_asked_with_it(pool):
    taken, free = Request("o:1", "k", b"digest"), Request("o:1", "l", b"digest")
    async with transaction(pool) as connection:
        await store_answers(connection, {taken: ("box:b1", 1)})
    with pytest.raises(RequestInFlight):
        async with transaction(pool) as connection:
            await store_answers(connection, {free: ("box:b2", 1), taken: ("box:b1", 1)})
    assert await load_answers(pool, [free]) == [None]
