"""I9: whatever is changed in a validator's database, `audit` finds it, or it stands on the published list."""

import asyncio
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from litopys.audit.database import TABLES, audit_database, audit_snapshot
from litopys.audit.unproven import DELETED, UNPROVEN
from litopys.ledger.evidence import Accused, Role
from tests.support.live_network import CountingDomain

pytestmark = pytest.mark.anyio

OUTSIDE = "two-blocks, broken-block, lost-race, unlisted-sealer, wrong-key, peer-head, other-records, quorum-elsewhere"
# What the words of the list mean, as a condition on a row; {"next": …, "quorum": …} is what the test knows beside it.
WHERE = {
    "": lambda row, beside: True,
    "cosignatures topic": lambda row, beside: row["topic"].endswith(".cosignatures"),
    "between its neighbours": lambda row, beside: row["blocks_offset"] + 1 < beside["next_offset"],
    "final, and our cosignature not stored": lambda row, beside: False,
    "not needed for a quorum": lambda row, beside: not beside["is_needed"],
    "over a final body": lambda row, beside: beside["is_final"],
    OUTSIDE: lambda row, beside: row["kind"] in OUTSIDE.split(", "),
}
SAMPLES = 3


@dataclass
class Table:
    name: str
    columns: dict[str, str]
    key: list[str]
    unique: set[str]
    rows: list[asyncpg.Record]


async def tables(dsn) -> dict[str, Table]:
    connection = await asyncpg.connect(dsn)
    try:
        found = {}
        for name in sorted(TABLES):
            columns = await connection.fetch(
                """select column_name, data_type from information_schema.columns
                   where table_name = $1 order by ordinal_position""",
                name,
            )
            indexes = await connection.fetch(
                """select i.indisprimary, array(select a.attname::text from pg_attribute a
                       where a.attrelid = i.indrelid and a.attnum = any(i.indkey)) as names
                   from pg_index i where i.indrelid = $1::regclass and i.indisunique""",
                name,
            )
            key = next(list(row["names"]) for row in indexes if row["indisprimary"])
            unique = {one for row in indexes for one in row["names"] if not row["indisprimary"]}
            order = ", ".join(f'"{one}"' for one in key)
            rows = await connection.fetch(f'select * from "{name}" order by {order}')
            types = {row["column_name"]: row["data_type"] for row in columns}
            found[name] = Table(name, types, key, unique, rows)
        return found
    finally:
        await connection.close()


def load_rules(_sector, _rules):
    return CountingDomain()


async def audited(filled, dsn, **more):
    return await audit_database(dsn, filled.network, load_rules=load_rules, **more)


def changed(value: Any, kind: str, *, by: int = 1) -> Any:
    if value is None:
        return "x" if kind == "text" else 1
    match kind:
        case "bytea":
            middle = len(value) // 2
            return value[:middle] + bytes([value[middle] ^ by]) + value[middle + 1 :] if value else b"x"
        case "boolean":
            return not value
        case "text":
            return value + "x" * by
        case "timestamp with time zone":
            return value.replace(year=value.year - by)
        case _:
            return value + by


def where(table: Table, row):
    return " and ".join(f'"{name}" = ${place}' for place, name in enumerate(table.key, 1)), [row[n] for n in table.key]


async def put(connection, table: Table, values: dict[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    await connection.execute(f'insert into "{table.name}" ({names}) values ({marks})', *values.values())


async def remove(connection, table: Table, row) -> None:
    condition, arguments = where(table, row)
    await connection.execute(f'delete from "{table.name}" where {condition}', *arguments)


def samples(rows):
    return list(dict.fromkeys([0, len(rows) // 2, len(rows) - 1])) if len(rows) > 2 * SAMPLES else range(len(rows))


def beside(all_tables, table, place):
    """What the conditions of the list need to know of a row's neighbours."""
    row = table.rows[place]
    known = {}
    if table.name == "block":
        last = place + 1 == len(table.rows)
        known["next_offset"] = row["blocks_offset"] + 1 if last else table.rows[place + 1]["blocks_offset"]
    finals = {(one["size"], one["root"]) for one in all_tables["final_checkpoint"].rows}
    if table.name == "log_signature":
        known["is_final"] = (row["size"], row["root"]) in finals
    if table.name == "cosignature":
        alike = [one for one in table.rows if (one["size"], one["root"]) == (row["size"], row["root"])]
        known["is_needed"] = len(alike) == 3 and (row["size"], row["root"]) in finals
        # A lie that evidence rests on cannot go either.
        known["is_needed"] |= any(
            one["size"] == row["size"]
            and one["who"] == row["validator"]
            and one["first"]
            and row["line"].encode() in one["first"] + one["second"]
            for one in all_tables["evidence"].rows
        )
    return known


def is_unproven(table: Table, column: str, row, known) -> bool:
    return any((one.table, one.column) == (table.name, column) and WHERE[one.where](row, known) for one in UNPROVEN)


class Tampering:
    """Tampers with copies and collects what went unnoticed although it should not."""

    def __init__(self, filled):
        self.filled = filled
        self.unnoticed = []
        self.needless = []

    async def attempt(self, what, tamper, *, is_expected_silent=False):
        """Tamper in a transaction, audit what it sees, roll it back. False where the schema does not let it."""
        connection = await asyncpg.connect(self.filled.server.dsn(self.filled.name))
        try:
            await connection.transaction().start()
            await tamper(connection)
            report, doubts = await audit_snapshot(connection, self.filled.network, load_rules=load_rules)
        except asyncpg.IntegrityConstraintViolationError:
            return False
        finally:
            await connection.close()
        has_failed = report.has_failed or bool(doubts)
        if not has_failed and not is_expected_silent:
            self.unnoticed.append(what)
        if has_failed and is_expected_silent:
            self.needless.append((what, report.findings[:2], doubts))
        return True


@pytest.fixture(scope="session")
def known(filled):
    return asyncio.run(tables(filled.server.dsn(filled.name)))


async def test_nothing_is_found_where_nothing_was_changed(filled, known):
    report = await audited(filled, filled.server.dsn(filled.name), validator="kyiv")
    assert report.findings == []
    assert report.not_checked == []
    assert report.counts["blocks"] == len(known["block"].rows) == 4
    assert report.counts["entries"] == len(known["entry"].rows)
    assert report.counts["tiles"] == len(known["tile"].rows) == 3
    assert report.counts["streams"] == len(known["stream"].rows)
    assert report.counts["evidence"] == len(known["evidence"].rows)
    assert report.accused == {
        Accused(Role.LOG, filled.network.origin): 1,
        Accused(Role.VALIDATOR, "dnipro"): 3,
        Accused(Role.SEALER, "a"): 1,
        Accused(Role.SEALER, "b"): 1,
        Accused(Role.KEY, filled.simulated.signer("sealer/z").vkey.key_id.hex()): 1,
    }
    assert "evidence: validator dnipro cosigned two roots at one tree size" in report.remarks
    assert all(table.rows for table in known.values()), "every table holds something to tamper with"


async def test_without_the_rules_the_states_alone_are_unchecked(filled):
    report = await audit_database(filled.server.dsn(filled.name), filled.network, load_rules=None)
    assert report.findings == []
    assert len(report.not_checked) == 2
    assert "rules 1 of energy" in report.not_checked[0]


async def test_the_list_names_what_there_is(known):
    for one in UNPROVEN:
        assert one.column == DELETED or one.column in known[one.table].columns
        assert one.where in WHERE
        assert one.reason


@pytest.mark.parametrize("name", sorted(TABLES))
async def test_every_column_of_every_table(filled, known, name):
    table, tampering, untouched = known[name], Tampering(filled), []
    for column, kind in table.columns.items():
        touched = 0
        for place in samples(table.rows):
            row = table.rows[place]
            condition, arguments = where(table, row)
            if row[column] is None and column == "cluster_id":
                continue

            async def tamper(connection, column=column, kind=kind, row=row, condition=condition, arguments=arguments):
                by = 1000 if column in {*table.key, *table.unique} and kind not in {"bytea", "text"} else 1
                value = changed(row[column], kind, by=by)
                query = f'update "{name}" set "{column}" = ${len(arguments) + 1} where {condition}'
                await connection.execute(query, *arguments, value)

            silent = is_unproven(table, column, row, beside(known, table, place))
            touched += await tampering.attempt(f"{name}.{column} of {arguments}", tamper, is_expected_silent=silent)
        if not touched and not any((one.table, one.column) == (name, column) for one in UNPROVEN):
            untouched.append(column)
    assert tampering.unnoticed == []
    assert tampering.needless == [], "found, though the list says that it is not"
    assert untouched == []


@pytest.mark.parametrize("name", sorted(TABLES))
async def test_a_row_deleted(filled, known, name):
    table, tampering = known[name], Tampering(filled)
    for place in samples(table.rows):
        row = table.rows[place]
        silent = is_unproven(table, DELETED, row, beside(known, table, place))
        await tampering.attempt(
            f"{name} without {where(table, row)[1]}",
            lambda connection, row=row: remove(connection, table, row),
            is_expected_silent=silent,
        )
    assert tampering.unnoticed == []
    assert tampering.needless == []


@pytest.mark.parametrize("name", sorted(TABLES))
async def test_a_row_inserted(filled, known, name):
    table, tampering = known[name], Tampering(filled)
    for place in samples(table.rows):
        for column in table.key:
            values = dict(table.rows[place])
            for one in {column, *table.unique}:
                by = 1 if table.columns[one] in {"bytea", "text", "boolean"} else 1000
                values[one] = changed(values[one], table.columns[one], by=by)
            await tampering.attempt(
                f"{name} with {values}", lambda connection, values=values: put(connection, table, values)
            )
    assert tampering.unnoticed == []


@pytest.mark.parametrize("name", sorted(TABLES))
async def test_two_rows_swapped(filled, known, name):
    table, tampering = known[name], Tampering(filled)
    contents = [column for column in table.columns if column not in table.key]
    proven = [one for one in contents if not any(u[:2] == (name, one) and not u.where for u in UNPROVEN)]
    for first, second in zip(table.rows, table.rows[1:][: SAMPLES * 2], strict=False):
        if all(first[one] == second[one] for one in proven):
            continue

        async def tamper(connection, first=first, second=second):
            await remove(connection, table, first)
            await remove(connection, table, second)
            await put(connection, table, {**first, **{one: second[one] for one in contents}})
            await put(connection, table, {**second, **{one: first[one] for one in contents}})

        await tampering.attempt(f"{name}: {where(table, first)[1]} with {where(table, second)[1]}", tamper)
    assert tampering.unnoticed == []


async def test_a_trailing_block_cut_off_is_missed_by_votes_and_positions(filled):
    async with filled.copy() as dsn:
        connection = await asyncpg.connect(dsn)
        size = await connection.fetchval("select max(first_index) from block")
        await connection.execute("delete from block where first_index = $1", size)
        await connection.execute("delete from entry where index >= $1", size)
        await connection.close()
        report = await audited(filled, dsn)
    assert {"vote", "position", "stream", "tile"} <= {one.place for one in report.findings}


async def test_damaged_bytes_are_named_with_what_rests_on_them(filled):
    async with filled.copy() as dsn:
        connection = await asyncpg.connect(dsn)
        await connection.execute("update entry set body = set_byte(body, 90, 120) where index = 7")
        await connection.close()
        report = await audited(filled, dsn)
    assert [(one.place, one.key) for one in report.findings] == [("block", "height 0")]
    assert "do not come to the digest" in report.findings[0].what
    assert "after height -1" in report.not_checked[0]


async def test_it_is_not_the_validators_that_was_named(filled):
    report = await audited(filled, filled.server.dsn(filled.name), validator="lviv")
    assert ("identity", "kyiv") in {one[:2] for one in report.findings}
