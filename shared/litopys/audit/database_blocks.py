"""Blocks, entries, refused records and full tiles of a validator's database, recomputed in order of height."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from litopys.audit.feeds import RowFeed
from litopys.audit.replay import Kept, Recomputed, Replay, is_full
from litopys.errors import Halted, LitopysError, VerificationFailed
from litopys.event.entries import is_block_entry
from litopys.ledger.blocks import MAX_BLOCK_RECORDS
from litopys.postgres.ledger_reading import read_tiles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from litopys.audit.findings import Report
    from litopys.ledger.admission import Placement, Refusal
    from litopys.postgres.pool import Connection

_BLOCKS = "select height, note, text_hash, blocks_offset, first_index, size, root, rejected from block order by height"
_ENTRIES = "select index, body, previous from entry order by index"
_REJECTIONS = (
    'select height, number, sector, partition, "offset", reason, signature, value, subject, version'
    " from rejection order by height, number"
)


class Gathered(NamedTuple):
    """The stored rows of one block."""

    block: Any
    entries: list[Any]
    refused: list[Any]


class BlockAudit:
    """Goes through all blocks; `progress` is told the height and the tree size after each."""

    def __init__(
        self, connection: Connection, *, replay: Replay, report: Report, progress: Callable[[int, int], None]
    ) -> None:
        self._connection = connection
        self._replay = replay
        self._report = report
        self._progress = progress
        self.last_offset: int | None = None
        """Where the newest block stands on the blocks topic; None where it came from a peer."""

    async def run(self) -> bool:
        """Recompute all; answer whether it got to the end. Where raw bytes are damaged, all that follows is not."""
        self._blocks = await RowFeed.open(self._connection, _BLOCKS)
        self._entries = await RowFeed.open(self._connection, _ENTRIES)
        self._refused = await RowFeed.open(self._connection, _REJECTIONS)
        while await self._blocks.peek() is not None:
            if not await self._next():
                height = self._replay.head.height
                self._report.skip(f"whatever rests on blocks after height {height}: the raw bytes there are damaged")
                return False
        await self._find_leftovers()
        return True

    async def _next(self) -> bool:
        gathered = await self._gather()
        key = f"height {self._replay.head.height + 1}"
        try:
            recomputed = self._recompute(gathered, key)
        except VerificationFailed as error:
            self._report.find("block", key, str(error))
            return False
        except Halted:
            raise
        except LitopysError as error:
            self._report.find("block", key, f"cannot be judged: {error}")
            return False
        self._compare(gathered, recomputed, key)
        await self._compare_tiles(recomputed)
        self._report.count("blocks")
        self._report.count("entries", len(gathered.entries))
        self._report.count("refused records", len(gathered.refused))
        self._progress(recomputed.counted.block.height, recomputed.size)
        return len(recomputed.verdict.entries) == len(gathered.entries)

    async def _gather(self) -> Gathered:
        """Take the next block with the entries up to its block entry, and the refused records of its height."""
        block = await self._blocks.take()
        entries: list[Any] = []
        while len(entries) <= MAX_BLOCK_RECORDS and (row := await self._entries.take()) is not None:
            entries.append(row)
            if is_block_entry(row["body"]):
                break
        refused = []
        while (row := await self._refused.peek()) is not None and row["height"] <= block["height"]:
            refused.append(await self._refused.take())
        return Gathered(block, entries, refused)

    def _recompute(self, gathered: Gathered, key: str) -> Recomputed:
        if gathered.block["height"] != self._replay.head.height + 1:
            raise VerificationFailed(f"is missing: the next stored block has height {gathered.block['height']}")
        first = self._replay.edge.size
        for index, row in enumerate(gathered.entries, first):
            if row["index"] != index:
                self._report.find("entry", f"index {index}", f"is missing: the next stored entry has {row['index']}")
                raise VerificationFailed("its entries are not whole")
        for row in gathered.refused:
            if row["height"] != gathered.block["height"]:
                self._report.find("rejection", _key(row), f"no such block; found before {key}")
        if not gathered.entries or not is_block_entry(gathered.entries[-1]["body"]):
            raise VerificationFailed("its block entry is missing")
        refused = {
            (row["sector"], row["partition"], row["offset"]): Kept(row["signature"], row["value"], row["reason"])
            for row in gathered.refused
        }
        if len(refused) != len(gathered.refused):
            raise VerificationFailed("one offset is refused twice")
        bodies = [row["body"] for row in gathered.entries[:-1]]
        return self._replay.step(gathered.block["note"], bodies=bodies, refused=refused)

    def _compare(self, gathered: Gathered, recomputed: Recomputed, key: str) -> None:
        self._compare_block(gathered.block, recomputed, key)
        verdict = recomputed.verdict
        self._compare_entries(gathered.entries, verdict.entries, verdict.placements)
        for number in range(max(len(gathered.refused), len(verdict.refusals))):
            self._compare_refusal(gathered, verdict.refusals, number)

    def _compare_block(self, row: Any, recomputed: Recomputed, key: str) -> None:  # noqa: ANN401 -- a row
        right = {
            "text_hash": recomputed.counted.hash,
            "first_index": recomputed.first_index,
            "size": recomputed.size,
            "root": recomputed.root,
            "rejected": len(recomputed.verdict.refusals),
        }
        for column, value in right.items():
            self._report.expect(row[column] == value, "block", key=key, what=f"{column} is not what was recomputed")
        offset = row["blocks_offset"]
        if offset is not None:
            is_later = offset > (-1 if self.last_offset is None else self.last_offset)
            self._report.expect(is_later, "block", key=key, what="blocks_offset is not after the block before")
        self.last_offset = self.last_offset if offset is None else offset

    def _compare_entries(self, rows: Sequence[Any], bodies: Sequence[bytes], placements: Sequence[Placement]) -> None:
        previous = [*(placement.previous_index for placement in placements), None]
        if len(rows) != len(bodies):
            what = f"{len(rows)} entries are stored for its block, {len(bodies)} are admitted"
            self._report.find("entry", f"index {rows[0]['index']}", what)
            return
        for row, body, before in zip(rows, bodies, previous, strict=True):
            if row["body"] != body or row["previous"] != before:
                column = "body" if row["body"] != body else "previous"
                self._report.find("entry", f"index {row['index']}", f"{column} is not what was recomputed")

    def _compare_refusal(self, gathered: Gathered, refusals: Sequence[Refusal], number: int) -> None:
        height = gathered.block["height"]
        if number >= len(gathered.refused) or number >= len(refusals):
            what = "is admitted by the rules" if number < len(gathered.refused) else "is refused by the rules"
            self._report.find("rejection", f"{height}/{number}", f"the record stored otherwise {what}")
            return
        row, (rejection, record, event) = gathered.refused[number], refusals[number]
        address = (event.subject, event.streamversion) if event else (None, None)
        right = (height, number, *rejection[:3], str(rejection.reason), record.signature, record.value, *address)
        for column, stored, value in zip(row.keys(), row.values(), right, strict=True):
            if stored != value:
                self._report.find("rejection", _key(row), f"{column} is not what was recomputed")

    async def _compare_tiles(self, recomputed: Recomputed) -> None:
        """Compare the tiles that became full with this block: they never change again."""
        full = {(one.level, one.index): one.hashes for one in recomputed.tiles if is_full(one)}
        if full:
            await compare_tiles(self._connection, full, self._report)

    async def _find_leftovers(self) -> None:
        while (row := await self._entries.take()) is not None:
            self._report.find("entry", f"index {row['index']}", "stands after the last block")
        while (row := await self._refused.take()) is not None:
            self._report.find("rejection", _key(row), "no such block")


async def compare_tiles(connection: Connection, right: dict[tuple[int, int], bytes], report: Report) -> None:
    """Compare stored tiles with recomputed ones, by (level, index)."""
    stored = await read_tiles(connection, list(right))
    for place, hashes in right.items():
        found = stored.get(place)
        if found != hashes:
            what = "is missing" if found is None else "hashes are not what was recomputed"
            report.find("tile", f"level {place[0]}, index {place[1]}", what)
    report.count("tiles", len(right))


def _key(row: Any) -> str:  # noqa: ANN401 -- a row
    return f"{row['height']}/{row['number']}"
