"""Rows of the database as the JSON that wire.py describes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import msgspec

from litopys.event.cloudevents import parse_event
from litopys.event.entries import is_block_entry, parse_entry
from litopys.ledger.blocks import parse_block
from litopys.ledger.evidence import weigh
from litopys.ledger.finality import FinalHead, Vote, block_time_s, make_final_head
from litopys.note.base64 import format_base64
from litopys.note.checkpoints import Checkpoint
from litopys.note.cosignatures import parse_cosignature_time
from litopys.note.notes import parse_note
from services.validator.wire import (
    AccusedView,
    BlockView,
    EntryView,
    EvidenceView,
    RangeView,
    RejectionView,
    StandingView,
    VoteView,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litopys.ledger.network import Network
    from litopys.postgres.ledger_reading import CheckpointRow
    from litopys.postgres.ledger_store import BlockRow, EntryRow, RejectionRow
    from litopys.postgres.ledger_votes import CosignatureRow, FoundEvidence

_LAST_S = 253_402_300_799
"""The last second of the year 9999: a validator's clock may say anything."""


def view_block(row: BlockRow, *, final: CheckpointRow | None, network: Network) -> BlockView:
    """Show a block; `final` is the first final checkpoint at or after it, None where it is only sealed."""
    note = parse_note(row.note)
    block = parse_block(note.text)
    return BlockView(
        height=row.height,
        status="sealed" if final is None else "final",
        hash=format_base64(row.text_hash),
        previous=format_base64(block.previous),
        sealer=note.lines[0].name.rpartition("/")[2],
        first_index=row.first_index,
        events=row.size - row.first_index - 1,
        rejected=row.rejected,
        tree_size=row.size,
        root=format_base64(row.root),
        offset=row.blocks_offset,
        time=None if final is None else block_time(final, network),
        ranges=[RangeView(sector=r.sector, partition=r.partition, first=r.first, end=r.end) for r in block.ranges],
    )


def final_head(row: CheckpointRow, network: Network) -> FinalHead:
    """Put together a final checkpoint from its rows. Raises VerificationFailed where they are no quorum."""
    votes = {name: Vote(name, parse_cosignature_time(line), line) for name, line in row.lines.items()}
    checkpoint = Checkpoint(network.origin, row.size, row.root)
    return make_final_head(checkpoint, votes, network=network, log_line=row.log_line)


def block_time(final: CheckpointRow, network: Network) -> str:
    """Return the time at which a block counts as made, for display only."""
    seconds = block_time_s(final_head(final, network), network.quorum)
    return datetime.fromtimestamp(min(seconds, _LAST_S), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def view_entry(row: EntryRow, *, height: int, is_final: bool) -> EntryView:
    """Show an entry of the block at `height`."""
    is_block = is_block_entry(row.body)
    return EntryView(
        index=row.index,
        kind="block" if is_block else "event",
        height=height,
        status="final" if is_final else "sealed",
        event=None if is_block else msgspec.json.decode(parse_entry(row.body).value),
        entry=format_base64(row.body),
        previous=row.previous,
    )


def view_standing(address: str, row: EntryRow | None, *, heights: Mapping[int, int], final_height: int) -> StandingView:
    """Show what stands at an address; `row` is its entry, `heights` are those of blocks by index."""
    if row is None:
        return StandingView(address=address, status="pending", index=None, type=None)
    status: Literal["sealed", "final"] = "final" if heights[row.index] <= final_height else "sealed"
    kind = parse_event(parse_entry(row.body).value).type
    return StandingView(address=address, status=status, index=row.index, type=kind)


def view_rejection(row: RejectionRow) -> RejectionView:
    """Show a refused record, without its bytes."""
    return RejectionView(
        height=row.height,
        number=row.number,
        sector=row.sector,
        partition=row.partition,
        offset=row.offset,
        reason=row.reason,
        subject=row.subject,
        version=row.version,
    )


def view_vote(row: CosignatureRow) -> VoteView:
    """Show a cosignature."""
    return VoteView(size=row.size, root=format_base64(row.root), timestamp=row.timestamp_s, line=row.line)


def view_evidence(found: FoundEvidence, *, network: Network, final_height: int) -> EvidenceView:
    """Show a piece of evidence with whom it accuses, where `final_height` is final."""
    row = found.row
    weighed = weigh(row.kind, row.who, row.second, network=network, final_height=final_height)
    accused = weighed.accused
    return EvidenceView(
        kind=row.kind,
        accused=None if accused is None else AccusedView(role=accused.role.value, name=accused.name),
        words=weighed.words,
        detail=row.detail,
        size=row.size,
        found=found.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        first=format_base64(row.first),
        second=format_base64(row.second),
    )
