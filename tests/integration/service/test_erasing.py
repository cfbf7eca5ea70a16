"""Erasure and legal holds over HTTP: what two persons erase is gone from every table, and stays gone."""

import asyncio
import random
import secrets

import pytest

from litopys.event.disclosures import digest
from litopys.ledger.receipts import verify_receipt
from litopys.postgres.pool import transaction
from litopys.postgres.sector_append import append
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_erasing import erase_again, lock_reach
from litopys.postgres.sector_reading import load_disclosures, load_stream
from litopys.postgres.sector_requests import load_digest_key
from litopys.service.search.indexing import Indexing
from litopys.service.writing import Stream
from litopys.sourcing.commands import Approve
from litopys.sourcing.context import Context
from litopys.sourcing.holds import hold_decider
from tests.integration.service.test_recovery import TABLES
from tests.support.databases import tampering
from tests.support.toy_http import APPLICATION, COURT, ToyHttp
from tests.support.toy_sector.sector import TOY
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

PRIVACY_TABLES = f"{TABLES}, access_record"


@pytest.fixture
async def http(toy) -> ToyHttp:
    """The toy over HTTP, its keepers found by their fields as in a real sector."""
    indexing = Indexing(TOY.searches, await load_digest_key(toy.world.pool))
    object.__setattr__(toy.world.writer, "indexing", indexing)
    return await ToyHttp.over(toy)


async def erase(one, two, reach: dict, *, up_to: int = 1) -> str:
    """Ask, propose and approve; returns the erasure's id."""
    key = await one.ask("erasures", reach, up_to=up_to)
    await one.done(f"erasures/{key}/erase", {}, version=1)
    await two.done(f"erasures/{key}/approve", {"proposal": 2}, version=2)
    return key


async def impose(one, two, reach: dict) -> str:
    key = await one.ask("legal-holds", reach, basis=COURT)
    await one.done(f"legal-holds/{key}/impose", {}, version=1)
    await two.done(f"legal-holds/{key}/approve", {"proposal": 2}, version=2)
    return key


async def texts(pool, subject: str) -> dict[str, str | None]:
    return {one.name: one.disclosure for one in await load_disclosures(pool, subject, up_to=2**53)}


async def columns_that_hold(pool, needle: bytes) -> list[str]:
    """Every column of the database in which some row holds these bytes, as text or as bytes."""
    columns = await pool.fetch(
        "select c.table_name, c.column_name, c.udt_name from information_schema.columns c"
        " join information_schema.tables t using (table_schema, table_name)"
        " where table_schema = 'public' and table_type = 'BASE TABLE'"
    )
    found = []
    for table, column, kind in columns:
        value = f'"{column}"' if kind == "bytea" else f"convert_to(\"{column}\"::text, 'UTF8')"
        if await pool.fetchval(
            f'select exists (select from "{table}" where position($1::bytea in {value}) > 0)', needle
        ):
            found.append(f"{table}.{column}")
    return found


async def test_what_two_persons_erase_is_gone_and_the_record_says_so(toy, http):
    one, two = http.as_("o:1", "erase", "disclose"), http.as_("o:2", "erase")
    pool = toy.world.pool
    async with toy.life():
        person = await one.open_box("b1")
        await toy.settled(Address("box:b1", 1))
        before = (await one.get("events/box:b1/1/receipt")).content
        assert await pool.fetchval("select count(*) from disclosure where lookup is not null") > 0
        assert all((await texts(pool, "box:b1")).values())
        key = await erase(one, two, {"subject": "box:b1", "person": person})
        assert await texts(pool, "box:b1") == {"name": None, "phone": None}
        assert (
            await pool.fetchval("select count(*) from disclosure where subject = 'box:b1' and lookup is not null") == 0
        )
        told = (await one.get("boxes/b1/disclosures")).json()["items"]
        assert [(i["name"], i["disclosure"], i["erased_by"]) for i in told] == [("name", None, f"toy_erasure:{key}@4")]
        asked = {"office": "o", "why": "w", "fields": ["phone"]}
        released = (await one.done("boxes/b1/accesses", asked))["items"]
        assert [(i["disclosure"], i["erased_by"]) for i in released] == [(None, f"toy_erasure:{key}@4")]
        record = (await one.get(f"erasures/{key}")).json()["object"]
        assert (record["stage"], record["standing"]["status"]) == ("erased", "ended")
        await toy.settled(Address(f"toy_erasure:{key}", 4))
        for address in ("box:b1/1", f"toy_erasure:{key}/4"):
            receipt = (await one.get(f"events/{address}/receipt")).content
            verify_receipt(receipt, toy.world.network.policy())
        assert verify_receipt(before, toy.world.network.policy()).content.subject == "box:b1"
    assert toy.ledger.reasons == []


async def test_an_erasure_takes_no_more_than_it_names(toy, http):
    one, two = http.as_("o:1", "erase"), http.as_("o:2", "erase")
    pool = toy.world.pool
    async with toy.life():
        person = await one.open_box("b1")
        await one.open_box("b2")
        await erase(one, two, {"subject": "box:b1", "person": person, "fields": ["phone"]})
        found = await texts(pool, "box:b1")
        assert found["phone"] is None
        assert found["name"] is not None
        assert all((await texts(pool, "box:b2")).values())
        await erase(one, two, {"subject": "box:b1"})
        assert await texts(pool, "box:b1") == {"name": None, "phone": None}


async def test_who_may_erase_and_how(toy, http):
    one, two, other = http.as_("o:1", "erase"), http.as_("o:2", "erase"), http.as_("o:3", "hold")
    async with toy.life():
        person = await one.open_box("b1")
        reach = {"subject": "box:b1", "person": person}
        asked = {"reach": reach, "up_to": 1, "basis": APPLICATION}
        key = secrets.token_hex(16)
        assert (await other.post(f"erasures/{key}/ask", asked)).status_code == 403
        first = await one.post(f"erasures/{key}/ask", asked, Idempotency_Key="k")
        again = await one.post(f"erasures/{key}/ask", asked, Idempotency_Key="k")
        assert (first.status_code, first.json()) == (again.status_code, again.json()) == (202, first.json())
        assert (await one.post(f"erasures/{key}/erase", {})).status_code == 428
        assert (await one.post(f"erasures/{key}/approve", {"proposal": 2}, version=1)).json()[
            "code"
        ] == "no-such-proposal"
        await one.done(f"erasures/{key}/erase", {}, version=1)
        assert (await one.post(f"erasures/{key}/approve", {"proposal": 2}, version=2)).json()["code"] == "four-eyes"
        assert all((await texts(toy.world.pool, "box:b1")).values())
        await two.done(f"erasures/{key}/decline", {"basis": COURT}, version=2)
        assert (await two.post(f"erasures/{key}/approve", {"proposal": 2}, version=3)).status_code == 422
        assert all((await texts(toy.world.pool, "box:b1")).values())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"subject": "box:none"}, "no-such-object"),
        ({"up_to": 2}, "no-such-object"),
        ({"person": "0" * 32}, "no-such-person"),
        ({"fields": ["name", "rnokpp"]}, "unknown-field"),
    ],
)
async def test_what_is_not_there_is_not_asked_for(toy, http, change, code):
    one = http.as_("o:1", "erase")
    async with toy.life():
        person = await one.open_box("b1")
        reach = {"subject": "box:b1", "person": person} | {k: v for k, v in change.items() if k != "up_to"}
        body = {"reach": reach, "up_to": change.get("up_to", 1), "basis": APPLICATION}
        answer = await one.post(f"erasures/{secrets.token_hex(16)}/ask", body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert await toy.world.pool.fetchval("select count(*) from stream where subject like 'toy_erasure:%'") == 0


async def test_what_is_held_is_not_erased_until_the_hold_is_lifted(toy, http):
    one, two = http.as_("o:1", "erase", "hold"), http.as_("o:2", "erase", "hold")
    pool = toy.world.pool
    async with toy.life():
        person = await one.open_box("b1")
        reach = {"subject": "box:b1", "person": person}
        early = await one.ask("erasures", reach, up_to=1)
        await one.done(f"erasures/{early}/erase", {}, version=1)
        hold = await impose(one, two, {"subject": "box:b1", "fields": ["phone"]})
        late = await one.ask("erasures", reach, up_to=1)
        for refused in (
            await two.post(f"erasures/{early}/approve", {"proposal": 2}, version=2),
            await one.post(f"erasures/{late}/erase", {}, version=1),
        ):
            assert (refused.status_code, refused.json()["code"]) == (422, "legal-hold")
            assert refused.json()["detail"] == f"held by toy_hold:{hold} (court: {COURT['document']})"
        assert all((await texts(pool, "box:b1")).values())
        await erase(one, two, reach | {"fields": ["name"]})
        assert (await texts(pool, "box:b1"))["name"] is None
        await one.done(f"legal-holds/{hold}/lift", {"basis": APPLICATION}, version=4)
        await two.done(f"legal-holds/{hold}/approve", {"proposal": 5}, version=5)
        assert (await one.get(f"legal-holds/{hold}")).json()["object"]["stage"] == "lifted"
        await two.done(f"erasures/{early}/approve", {"proposal": 2}, version=2)
        assert await texts(pool, "box:b1") == {"name": None, "phone": None}


async def test_a_hold_that_is_being_imposed_is_waited_for(toy, http):
    """The hold's transaction is open while the erasure is approved: the erasure must see it."""
    one, two = http.as_("o:1", "erase", "hold"), http.as_("o:2", "erase", "hold")
    pool, writer = toy.world.pool, toy.world.writer
    async with toy.life():
        person = await one.open_box("b1")
        reach = {"subject": "box:b1", "person": person}
        key = await one.ask("erasures", reach, up_to=1)
        await one.done(f"erasures/{key}/erase", {}, version=1)
        hold = await one.ask("legal-holds", reach, basis=COURT)
        await one.done(f"legal-holds/{hold}/impose", {}, version=1)
        stream = await toy.desk.load(f"toy_hold:{hold}")
        async with transaction(pool) as connection:
            await lock_reach(connection, "box:b1")
            decided = await approval(toy, stream)
            change, _ = writer.change(stream, decided, actor="o:2")
            await append(connection, [change])
            approving = asyncio.create_task(two.post(f"erasures/{key}/approve", {"proposal": 2}, version=2))
            await until(lambda: is_waiting(pool))
            assert not approving.done()
        refused = await approving
        assert (refused.status_code, refused.json()["code"]) == (422, "legal-hold")
        assert all((await texts(pool, "box:b1")).values())


async def approval(toy, stream: Stream):
    decider = hold_decider("toy")
    facts = await toy.desk._facts(stream.subject, decider.facts_needed(Approve(proposal=2)))
    context = Context(subject=stream.subject, version=2, actor="o:2", time="2026-11-24T09:00:00.000Z", facts=facts)
    return decider.decide(Approve(proposal=2), stream.state, context)


async def is_waiting(pool) -> bool:
    return await pool.fetchval("select exists (select from pg_locks where locktype = 'advisory' and not granted)")


async def test_holds_and_erasures_at_once_never_both_miss_each_other(toy, http):
    one, two = http.as_("o:1", "erase", "hold"), http.as_("o:2", "erase", "hold")
    pool = toy.world.pool
    async with toy.life():
        outcomes = set()
        for n in range(12):
            reach = {"subject": f"box:b{n}", "person": await one.open_box(f"b{n}")}
            key, hold = await one.ask("erasures", reach, up_to=1), await one.ask("legal-holds", reach)
            await one.done(f"erasures/{key}/erase", {}, version=1)
            await one.done(f"legal-holds/{hold}/impose", {}, version=1)
            approvals = [f"erasures/{key}", f"legal-holds/{hold}"]
            random.Random(n).shuffle(approvals)
            await asyncio.gather(*(two.post(f"{path}/approve", {"proposal": 2}, version=2) for path in approvals))
            erased = await position(pool, f"toy_erasure:{key}", 4)
            imposed = await position(pool, f"toy_hold:{hold}", 4)
            kept = all((await texts(pool, f"box:b{n}")).values())
            assert imposed is not None
            assert kept == (erased is None)
            assert erased is None or erased < imposed
            outcomes.add(kept)
    assert outcomes


async def position(pool, subject: str, version: int) -> int | None:
    return await pool.fetchval("select position from event where subject = $1 and version = $2", subject, version)


async def dump(pool) -> dict[str, list]:
    return {name.strip(): await pool.fetch(f"select * from {name}") for name in PRIVACY_TABLES.split(",")}


async def restore(dsn, backup, tables: str = PRIVACY_TABLES) -> None:
    async with tampering(dsn) as connection, connection.transaction():
        await connection.execute(f"truncate {tables}")
        for name in tables.split(","):
            rows = [tuple(row) for row in backup[name.strip()]]
            await connection.copy_records_to_table(name.strip(), records=rows)


async def test_a_store_restored_from_before_an_erasure_erases_again_before_it_serves(toy, http):
    one, two = http.as_("o:1", "erase"), http.as_("o:2", "erase")
    pool = toy.world.pool
    async with toy.life():
        person = await one.open_box("b1")
        await toy.settled(Address("box:b1", 1))
        backup = await dump(pool)
        key = await erase(one, two, {"subject": "box:b1", "person": person})
        await toy.settled(Address(f"toy_erasure:{key}", 4))
    await restore(toy.world.dsn, backup)
    assert all((await texts(pool, "box:b1")).values())
    assert (await one.get("boxes/b1/disclosures")).status_code == 503
    async with toy.life():
        assert await texts(pool, "box:b1") == {"name": None, "phone": None}
        assert (await load_stream(pool, f"toy_erasure:{key}")).version == 4
        told = (await one.get("boxes/b1/disclosures")).json()["items"]
        assert [(i["disclosure"], i["erased_by"]) for i in told] == [(None, f"toy_erasure:{key}@4")]
    assert toy.ledger.reasons == []


async def test_a_table_restored_alone_is_erased_again_at_the_next_start(toy, http):
    one, two = http.as_("o:1", "erase"), http.as_("o:2", "erase")
    pool = toy.world.pool
    async with toy.life():
        person = await one.open_box("b1")
        backup = await dump(pool)
        await erase(one, two, {"subject": "box:b1", "person": person})
        await until(lambda: outbox_is_empty(pool))
    await restore(toy.world.dsn, backup, "disclosure")
    async with toy.life():
        assert await texts(pool, "box:b1") == {"name": None, "phone": None}
        async with transaction(pool) as connection:
            assert await erase_again(connection, "toy") == 0


async def outbox_is_empty(pool) -> bool:
    return await pool.fetchval("select not exists (select from outbox) and not exists (select from signed)")


@pytest.mark.parametrize("seed", range(3))
async def test_no_column_of_the_database_holds_what_was_erased(toy, http, seed):
    """Lives drawn at random, refused records and remarks among them; then erasures drawn at random."""
    draw = random.Random(seed)
    one, two = http.as_("o:1", "erase", "disclose"), http.as_("o:2", "erase")
    pool = toy.world.pool
    toy.ledger.fault = lambda record: "rule" if b"box:bad" in record.value else None
    syllables = ["Ко", "вал", "ен", "ко", "Мар", "ти", "нюк", "Ол", "яна", "Пет", "ро", "Гна", "тю"]
    people = {}
    async with toy.life():
        for n in range(6):
            name = " ".join("".join(draw.choices(syllables, k=4)).capitalize() for _ in range(3))[:50]
            phone = "".join(draw.choices("0123456789", k=12))
            key = f"bad{n}" if n == 0 else f"b{n}"
            body = {"label": "shoes", "keeper": {"name": name, "phone": phone}}
            answer = await one.post(f"boxes/{key}/open", body, Idempotency_Key=f"k{n}")
            assert answer.status_code == 202
            await toy.settled(Address(f"box:{key}", 1))
            people[f"box:{key}"] = (name, phone)
        await remark(pool, [f"no keeper like {name}, {phone}" for name, phone in people.values()])
        disclosed = {subject: await texts(pool, subject) for subject in people}
        payloads = await pool.fetch("select subject, payload_digest from idempotency")
        gone = [*draw.sample(sorted(people), 3), "box:bad0"]
        for subject in dict.fromkeys(gone):
            stands_at = (await load_stream(pool, subject)).version
            await erase(one, two, {"subject": subject}, up_to=stands_at)
    for subject, (name, phone) in people.items():
        texts_of = [name, phone, *disclosed[subject].values()]
        holding = [await columns_that_hold(pool, text.encode()) for text in texts_of]
        holding += [
            await columns_that_hold(pool, row["payload_digest"]) for row in payloads if row["subject"] == subject
        ]
        if subject in gone:
            assert holding == [[]] * len(holding), subject
        else:
            assert all(holding), "what was not erased is still there, or this test could not fail"
    # The digests stay where they are: every proof still holds.
    for one_text in disclosed[gone[0]].values():
        assert "event.value" in await columns_that_hold(pool, digest(one_text).encode()) or gone[0] == "box:bad0"


async def remark(pool, lines: list[str]) -> None:
    """Write lines of a report, as refused rows leave them: they belong to no stream."""
    await pool.execute(
        "insert into import_run (id, importer, register, file_key, next_number, next_offset, counts)"
        " values ('r', 'boxes', 'toy-boxes', '', 1, 0, '[0, 0, 0, 0, 0]')"
    )
    rows = [(n, line) for n, line in enumerate(lines, 1)]
    await pool.executemany(
        "insert into import_remark (run, number, nth, reason, done) values ('r', $1, 0, $2, 'refused')", rows
    )
