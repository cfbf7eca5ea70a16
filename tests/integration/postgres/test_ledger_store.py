"""The ledger's tables on a real server: one block at a time, nothing twice, everything found again."""

import hashlib

import asyncpg
import pytest

from litopys.errors import Halted
from litopys.postgres import ledger_finality as finality
from litopys.postgres import ledger_identity as identity
from litopys.postgres import ledger_reading as reading
from litopys.postgres import ledger_store as store
from litopys.postgres import ledger_votes as votes
from litopys.postgres.pool import transaction
from tests.support.databases import tampering
from tests.support.scans import nothing_read_through

pytestmark = pytest.mark.anyio


def sha(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def block_write(height: int, *, first: int, count: int = 3, **changes) -> store.BlockWrite:
    """A made-up block whose entries all belong to one stream, the block entry last."""
    entries = [
        store.EntryRow(i, f"entry {i}".encode(), i - 1 if i > first else None) for i in range(first, first + count)
    ]
    size = first + count + 1
    fields = {
        "block": store.BlockRow(height, b"note", sha(f"text {height}"), height, first, size, sha(f"root {size}"), 1),
        "entries": [*entries, store.EntryRow(size - 1, b"block entry", None)],
        "tiles": [store.TileRow(0, 0, b"".join(sha(str(i)) for i in range(size)))],
        "streams": [],
        "new_streams": [store.StreamRow(f"thing:{height}", count, first + count - 1, b"{}")],
        "rejections": [store.RejectionRow(height, 0, "alpha", 1, 7, "rule", b"line", b"value", "thing:x", 2)],
        "positions": [store.PositionRow("p.events.alpha", 1, 8 + height)],
        "vote": store.VoteRow(size, height, sha(f"root {size}"), "— mine"),
    }
    return store.BlockWrite(**(fields | changes))


def mine(size: int, root: str) -> votes.CosignatureRow:
    return votes.CosignatureRow(size, "kyiv", sha(root), 5, f"— {size}")


async def put(pool, write) -> None:
    async with transaction(pool) as connection:
        await store.write_block(connection, write)


async def test_a_block_is_found_again_whole(pool):
    await put(pool, block_write(0, first=0))
    await put(pool, block_write(1, first=4))
    async with pool.acquire() as connection:
        assert await identity.read_head(connection) == (1, sha("text 1"), 8, sha("root 8"))
        assert await identity.read_positions(connection) == {("p.events.alpha", 1): 9}
        assert [row.body for row in await reading.read_entries(connection, first=2, count=4)] == [
            b"entry 2",
            b"block entry",
            b"entry 4",
            b"entry 5",
        ]
        assert await reading.read_stream_head(connection, "thing:1") == (3, 6)
        assert [row.index for row in await reading.read_chain(connection, index=6, limit=2)] == [6, 5]
        assert await reading.read_index_back(connection, index=6, steps=2) == 4
        assert await reading.read_index_back(connection, index=6, steps=3) is None
        assert (await reading.read_block_of_index(connection, 3)).height == 0
        assert (await reading.read_block_of_index(connection, 4)).height == 1
        assert await reading.read_block_of_index(connection, 8) is None
        assert (await reading.read_block_of_size(connection, 8)).height == 1
        assert await reading.read_block_of_size(connection, 5) is None
        assert (await reading.read_rejection(connection, height=1, number=0)).value == b"value"
        assert [r.height for r in await reading.read_rejections_of(connection, subject="thing:x", version=2)] == [0, 1]
        after = await reading.read_rejections_after(connection, height=0, number=0, last=5, limit=9)
        assert [r.height for r in after] == [1]


async def test_a_partial_tile_is_a_cut_of_the_stored_one(pool):
    await put(pool, block_write(0, first=0))
    async with pool.acquire() as connection:
        assert await reading.read_tile(connection, level=0, index=0, width=2) == sha("0") + sha("1")
        assert await reading.read_tile(connection, level=0, index=0, width=5) is None
        assert await reading.read_tile(connection, level=1, index=0, width=1) is None
        assert list(await reading.read_tiles(connection, [(0, 0), (0, 1)])) == [(0, 0)]


@pytest.mark.parametrize(("height", "first"), [(0, 0), (2, 4), (1, 3), (1, 5)])
async def test_a_block_that_does_not_follow_is_refused_whole(pool, height, first):
    await put(pool, block_write(0, first=0))
    with pytest.raises(Halted, match="does not follow"):
        await put(pool, block_write(height, first=first))
    async with pool.acquire() as connection:
        assert (await identity.read_head(connection)).height == 0
        assert len(await reading.read_entries(connection, first=0, count=99)) == 4


async def test_one_vote_a_height_and_a_size(pool):
    await put(pool, block_write(0, first=0))
    async with transaction(pool) as connection:
        await store.write_vote(connection, store.VoteRow(4, 0, sha("root 4"), "— again"))
    async with pool.acquire() as connection:
        assert [vote.line for vote in await votes.read_votes(connection, above_size=-1)] == ["— mine"]
    with pytest.raises(Halted, match="another root"):
        async with transaction(pool) as connection:
            await store.write_vote(connection, store.VoteRow(4, 0, sha("other"), "— double"))
    with pytest.raises(asyncpg.UniqueViolationError):
        async with transaction(pool) as connection:
            await store.write_vote(connection, store.VoteRow(5, 0, sha("root 5"), "— second"))


async def test_a_vote_found_outside_gets_its_height_and_no_other_root(pool):
    async with transaction(pool) as connection:
        await votes.write_cosignatures(connection, [mine(4, "root 4")])
        assert await votes.adopt_found_votes(connection, "kyiv") == [(4, None, sha("root 4"), "— 4")]
    await put(pool, block_write(0, first=0))
    async with transaction(pool) as connection:
        await votes.write_cosignatures(connection, [mine(8, "not root 8")])
        assert len(await votes.adopt_found_votes(connection, "kyiv")) == 1
        assert [(v.size, v.height, v.line) for v in await votes.read_votes(connection, above_size=0)] == [
            (4, 0, "— 4"),
            (8, None, "— 8"),
        ]
    with pytest.raises(Halted, match="another root"):
        await put(pool, block_write(1, first=4))
    async with pool.acquire() as connection:
        assert (await identity.read_head(connection)).height == 0


@pytest.mark.parametrize(("size", "is_beside"), [(2_500, False), (3_900, False), (5_000, True)])
async def test_an_entry_of_usual_size_stays_in_its_page(pool, size, is_beside):
    async with pool.acquire() as connection:
        row = store.EntryRow(0, hashlib.shake_256(b"entry").digest(size), None)
        await connection.copy_records_to_table("entry", records=[row], columns=store.EntryRow._fields)
        beside = "select pg_relation_size(reltoastrelid) > 0 from pg_class where relname = 'entry_0'"
        assert await connection.fetchval(beside) is is_beside
        assert await reading.read_entries(connection, first=0, count=1) == [row]


async def test_partitions_are_made_ahead_and_used(pool, database):
    async with pool.acquire() as connection:
        edge = store.ENTRIES_PER_PARTITION
        await store.ensure_entry_partitions(connection, edge - 1)
        rows = [store.EntryRow(i, b"x", None) for i in range(edge - 2, edge + 2)]
        await connection.copy_records_to_table("entry", records=rows, columns=store.EntryRow._fields)
        assert len(await reading.read_entries(connection, first=edge - 2, count=4)) == 4
    async with tampering(database) as connection:
        assert await connection.fetchval("select count(*) from entry_0") == 2
        assert await connection.fetchval("select count(*) from entry_1") == 2


async def test_identity_is_for_ever(pool):
    mine = {"origin": "o/n", "network_digest": sha("n"), "validator": "kyiv"}
    async with pool.acquire() as connection:
        await identity.pin_identity(connection, **mine)
        await identity.pin_identity(connection, **mine)
        for name, value in {"origin": "o/m", "network_digest": sha("m"), "validator": "lviv"}.items():
            with pytest.raises(identity.WrongDatabase):
                await identity.pin_identity(connection, **(mine | {name: value}))
        await identity.pin_kafka(connection, cluster_id="c", topic_ids={"t": "1"})
        await identity.pin_kafka(connection, cluster_id="c", topic_ids={"t": "1", "u": "2"})
        with pytest.raises(identity.WrongDatabase, match="made again"):
            await identity.pin_kafka(connection, cluster_id="c", topic_ids={"t": "1", "u": "3"})
        with pytest.raises(identity.WrongDatabase, match="cluster"):
            await identity.pin_kafka(connection, cluster_id="d", topic_ids={"t": "1"})


async def test_one_writer_at_a_time(pool):
    async with pool.acquire() as first, pool.acquire() as second:
        assert await identity.lock_writer(first)
        assert not await identity.lock_writer(second)


async def test_finality_and_the_checkpoint_that_is_shown(pool):
    await put(pool, block_write(0, first=0))
    await put(pool, block_write(1, first=4))
    rows = [votes.CosignatureRow(size, name, sha(f"root {size}"), 5, f"— {name}") for size in (4, 8) for name in "abc"]
    async with transaction(pool) as connection:
        await votes.write_cosignatures(connection, [*rows, rows[0]._replace(root=sha("lie"), line="— lie")])
        await finality.write_finals(
            connection, [finality.FinalRow(4, 0, sha("root 4")), finality.FinalRow(8, 1, sha("root 8"))]
        )
    async with pool.acquire() as connection:
        assert await reading.read_final_height(connection) == 1
        assert await finality.read_final(connection) == (8, 1, sha("root 8"))
        assert await reading.read_checkpoint(connection) is None
        await votes.write_log_signatures(connection, [votes.LogSignatureRow(4, sha("root 4"), "— log")])
        shown = await reading.read_checkpoint(connection)
        assert (shown.size, shown.log_line, shown.lines) == (4, "— log", {"a": "— a", "b": "— b", "c": "— c"})
        assert (await reading.read_checkpoint_from(connection, 5)).log_line is None
        of = await votes.read_cosignatures_of(connection, validator="a", above_size=0, limit=9)
        assert {(row.size, row.line) for row in of} == {(4, "— a"), (4, "— lie"), (8, "— a")}


async def test_what_is_asked_at_every_block_and_receipt_reads_no_table_from_end_to_end(pool, database):
    await pool.execute(
        """insert into block select n, 'n', sha256(n::text::bytea), n, 4 * n, 4 * n + 4, sha256('r'), 0
               from generate_series(0, 5000) as n;
           insert into final_checkpoint select 4 * n + 4, n, sha256('r') from generate_series(0, 4998) as n;
           insert into log_signature select size, root, '- log' from final_checkpoint where height < 4998;
           insert into cosignature select 4 * n + 4, v, sha256('r'), 5, '- ' || v
               from generate_series(0, 5000) as n, unnest('{a,b,c,d}'::text[]) as v"""
    )
    tables = ("block", "final_checkpoint", "log_signature", "cosignature")
    async with pool.acquire() as connection, nothing_read_through(connection, database, *tables):
        shown = await reading.read_checkpoint(connection)
        assert (shown.size, shown.lines["d"]) == (4 * 4998, "- d")
        assert (await reading.read_checkpoint_from(connection, 9)).size == 12
        assert [q.height for q in await finality.read_quorums(connection, quorum=3, sizes=[8, 12])] == [4999, 5000]
        assert await finality.read_strays(connection, finality.Window(4 * 4999, 4 * 5001, [8])) == []
        assert await finality.read_contradictions(connection, [8, 12]) == []
        assert await finality.read_quorum_from(connection, size=4 * 4999, quorum=3) == 4 * 5001
        assert await reading.read_final_height(connection) == 4998
        assert await reading.read_heights_of(connection, [0, 7, 4 * 4000]) == {0: 0, 7: 1, 4 * 4000: 4000}
        assert (await reading.read_block_of_index(connection, 9)).height == 2


async def test_evidence_is_kept_once_in_either_order(pool):
    row = votes.EvidenceRow("double-vote", "lviv", 4, "two roots", b"one", b"two")
    async with transaction(pool) as connection:
        assert await votes.write_evidence(connection, [row, row._replace(first=b"two", second=b"one")]) == [row]
        assert await votes.write_evidence(connection, [row, row._replace(who="odesa")]) == [row._replace(who="odesa")]
        assert await votes.count_evidence_kept(connection) == {row.kind: 2}


@pytest.mark.parametrize(("size", "root"), [(4, "other"), (3, "root 4")])
async def test_own_cosignature_that_contradicts_the_blocks_stops(pool, size, root):
    await put(pool, block_write(0, first=0))
    async with pool.acquire() as connection:
        await votes.write_cosignatures(connection, [mine(size, root)])
        with pytest.raises(Halted, match="another root or size"):
            await votes.adopt_found_votes(connection, "kyiv")


async def test_own_votes_that_the_topic_lacks(pool):
    await put(pool, block_write(0, first=0))
    await put(pool, block_write(1, first=4))
    async with pool.acquire() as connection:
        await votes.write_cosignatures(connection, [mine(4, "root 4"), mine(8, "root 8")._replace(validator="lviv")])
        assert [vote.size for vote in await votes.read_unseen_votes(connection, "kyiv")] == [8]


async def test_quorums_are_counted_in_the_database(pool):
    await put(pool, block_write(0, first=0))
    await put(pool, block_write(1, first=4))
    seen = [(4, "root 4", "abc"), (8, "lie", "ab"), (8, "root 8", "cd"), (6, "root 6", "abd"), (12, "x", "abc")]
    rows = [votes.CosignatureRow(size, v, sha(root), 1, f"{size}{v}") for size, root, who in seen for v in who]
    async with pool.acquire() as connection:
        await votes.write_cosignatures(connection, rows)
        assert await finality.read_quorums(connection, quorum=3, sizes=[]) == [
            (4, sha("root 4"), 0, sha("root 4")),
            (6, sha("root 6"), None, None),
        ]
        assert await finality.read_quorum_from(connection, size=5, quorum=3) == 12
        assert await finality.read_quorum_from(connection, size=13, quorum=3) is None
        await finality.write_finals(connection, [finality.FinalRow(8, 1, sha("root 8"))])
        assert [q.size for q in await finality.read_quorums(connection, quorum=3, sizes=[4])] == [4]
        strays = await finality.read_strays(connection, finality.Window(above=6, last=8, sizes=[6]))
        assert {(s.size, s.validator, s.our_root) for s in strays} == {
            *((6, v, None) for v in "abd"),
            *((8, v, sha("root 8")) for v in "ab"),
        }
        assert await finality.read_strays(connection, finality.Window(above=6, last=7, sizes=[8])) == []
        lines = [
            votes.LogSignatureRow(size, sha(root), root) for size, root in ((6, "root 6"), (8, "root 8"), (8, "x"))
        ]
        await votes.write_log_signatures(connection, lines)
        found = await finality.read_log_strays(connection, finality.Window(above=0, last=8, sizes=[]))
        assert found == [(6, sha("root 6"), "root 6", None), (8, sha("x"), "x", sha("root 8"))]


async def test_contradictions_of_validators_and_of_the_log(pool):
    rows = [votes.CosignatureRow(8, "a", sha(root), 1, root) for root in ("x", "y")]
    async with pool.acquire() as connection:
        await votes.write_cosignatures(connection, rows)
        await votes.write_log_signatures(connection, [votes.LogSignatureRow(8, sha(r), r) for r in ("x", "y")])
        found = await finality.read_contradictions(connection, [8])
        assert {(c.who, frozenset((c.first_line, c.second_line))) for c in found} == {
            ("a", frozenset("xy")),
            ("", frozenset("xy")),
        }
        assert await finality.read_contradictions(connection, [7]) == []


async def test_streams_move_on_where_they_are(pool):
    await put(pool, block_write(0, first=0))
    moved = store.StreamRow("thing:0", 5, 6, b"moved")
    await put(pool, block_write(1, first=4, streams=[moved]))
    rows = await pool.fetch("select subject, version, last_index, state from stream order by subject")
    assert [tuple(row) for row in rows] == [tuple(moved), ("thing:1", 3, 6, b"{}")]


async def test_evidence_against_one_signer_is_bounded(pool):
    rows = [votes.EvidenceRow("wrong-key", "lviv", None, "", b"%d" % n, b"") for n in range(150)]
    async with transaction(pool) as connection:
        assert len(await votes.write_evidence(connection, rows)) == 100
        assert len(await votes.write_evidence(connection, [rows[140]._replace(who="odesa")])) == 1
