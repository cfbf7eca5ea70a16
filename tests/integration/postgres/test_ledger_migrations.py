"""Evidence of before whom it accuses was told by its kind: rows are told anew, and keep their bytes."""

from importlib.resources import files

import asyncpg
import pytest

from litopys.ledger.evidence import EvidenceKind
from litopys.postgres.ledger_votes import EvidenceRow
from litopys.postgres.migrations import migrate
from tests.support.simulated import ORIGIN, Simulated

pytestmark = pytest.mark.anyio

SIMULATED = Simulated()
NETWORK = SIMULATED.network()
COUNTED = SIMULATED.block_note(SIMULATED.block(0, NETWORK.digest, [SIMULATED.record_of("thing:1", offset=0)]))
OTHER = SIMULATED.block_note(SIMULATED.block(0, NETWORK.digest, [SIMULATED.record_of("thing:2", offset=0)]))
VOTE = b"simulated.example/one\n7\nAQID\n\n\xe2\x80\x94 simulated.example/one/validator/lviv AAAAAAA=\n"


async def test_old_rows_are_told_anew(database):
    connection = await asyncpg.connect(database)
    await migrate(connection, "litopys.postgres.sql.ledger", "ledger")
    for row in (
        EvidenceRow("two-blocks", f"{ORIGIN}/sealer/a", None, "both by a", OTHER, COUNTED),
        EvidenceRow("two-blocks", f"{ORIGIN}/sealer/b", None, "by b", OTHER, COUNTED),
        EvidenceRow("wrong-key", "lviv", None, "a line", VOTE, b""),
        EvidenceRow("double-vote", "lviv", 7, "two", VOTE, COUNTED),
    ):
        await connection.execute(
            """insert into evidence (digest, kind, who, size, detail, first, second)
               values ($1, $2, $3, $4, $5, $6, $7)""",
            row.digest,
            *row,
        )
    async with connection.transaction():
        await connection.execute((files("litopys.postgres.sql.ledger") / "002_accusations.sql").read_text())
    rows = await connection.fetch("select digest, kind, who, size, detail, first, second from evidence")
    await connection.close()
    assert all(row["digest"] == EvidenceRow(*list(row.values())[1:]).digest for row in rows)
    assert {(row["kind"], row["who"], row["size"]) for row in rows} == {
        (EvidenceKind.TWO_BLOCKS, f"{ORIGIN}/sealer/a", None),
        (EvidenceKind.LOST_RACE, f"{ORIGIN}/sealer/b", None),
        (EvidenceKind.WRONG_KEY, "", 7),
        (EvidenceKind.DOUBLE_VOTE, "lviv", 7),
    }
