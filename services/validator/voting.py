"""When and for what a validator votes: one checkpoint a height, never before the height 16 below is final."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from litopys.errors import Halted
from litopys.ledger.finality import MAX_UNFINAL_BLOCKS
from litopys.note.checkpoints import Checkpoint, format_checkpoint
from litopys.note.cosignatures import cosign
from litopys.note.notes import format_signature_line
from litopys.postgres.ledger_store import VoteRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litopys.ledger.network import Network
    from litopys.note.vkeys import Signer
    from litopys.postgres.ledger_store import BlockRow
    from litopys.replica.store import LedgerStore

RECHECK_S = 1.0


async def wait_at_most(event: asyncio.Event, timeout_s: float) -> bool:
    """Wait for an event; False after `timeout_s`.

    Python 3.11's `wait_for` loses a cancellation that comes together with the event; `timeout` does not.
    """
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        return False
    return True


class Voter:
    """Makes the vote of each block, in order of heights; `found` are own votes found outside, still without a block."""

    def __init__(self, *, network: Network, signer: Signer, found: Iterable[VoteRow]) -> None:
        self._origin = network.origin
        self._signer = signer
        self._found = {vote.size: vote for vote in found}

    def is_voted(self, block: BlockRow) -> bool:
        """Answer whether our vote for a block of this size was found outside: then it is out already."""
        return block.size in self._found

    def vote(self, block: BlockRow, *, now_s: int) -> VoteRow:
        """Return the vote for a block: the one found outside if there is one, else a new one, signed at `now_s`.

        Raises Halted where this validator has cosigned something else in the range of this block: either its database
        or its key is not its own alone.
        """
        others = [size for size in self._found if block.first_index < size < block.size]
        found = self._found.pop(block.size, None)
        if others or (found is not None and found.root != block.root):
            raise Halted(f"our key has cosigned another body than block {block.height} of this database")
        if found is not None:
            return found._replace(height=block.height)
        line = cosign(self._signer, self.body(block.size, block.root), now_s)
        return VoteRow(block.size, block.height, block.root, format_signature_line(line))

    def note(self, vote: VoteRow) -> bytes:
        """Format a vote as it goes to the cosignatures topic."""
        return self.body(vote.size, vote.root) + f"\n{vote.line}\n".encode()

    def body(self, size: int, root: bytes) -> bytes:
        """Format the checkpoint's three lines."""
        return format_checkpoint(Checkpoint(self._origin, size, root))


class VoteGate:
    """Holds a block back until the one 16 below it is final; `sizes` are the tree sizes after the newest heights."""

    def __init__(self, *, store: LedgerStore, sizes: dict[int, int], final_size: int) -> None:
        self._store = store
        self._sizes = sizes
        self._final_size = final_size
        self._news = asyncio.Event()

    def tell(self, final_size: int | None = None) -> None:
        """Say that cosignatures have come, and up to which of our sizes all is final."""
        self._final_size = max(self._final_size, final_size or 0)
        self._news.set()

    async def wait(self, block: BlockRow) -> None:
        """Wait until `block` may be voted on. A quorum that stands ahead of us counts: what it covers is final."""
        self._sizes[block.height] = block.size
        needed = self._sizes.pop(block.height - MAX_UNFINAL_BLOCKS, None)
        while needed is not None and self._final_size < needed:
            self._news.clear()
            if await self._store.is_quorum_from(needed):
                return
            await wait_at_most(self._news, RECHECK_S)
