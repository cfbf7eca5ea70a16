"""What a validator's database holds that its raw bytes do not prove: short, each with the reason.

`litopys audit --explain` prints this list, docs/auditing.md repeats it, and the test that tampers with every column and
every row reads it: whatever stands neither here nor in a check fails there.
"""

from __future__ import annotations

from typing import NamedTuple

DELETED = "deleted row"
"""Stands for a column where the lack of a whole row is not proven."""


_OUTSIDE = "two-blocks, broken-block, lost-race, unlisted-sealer, wrong-key, peer-head, other-records, quorum-elsewhere"


class Unproven(NamedTuple):
    """A column, or a missing row, that may differ unnoticed; `where` says of which rows, empty of all."""

    table: str
    column: str
    reason: str
    where: str = ""


UNPROVEN = (
    Unproven("identity", "one", "the schema admits no other value than true"),
    Unproven("identity", "cluster_id", "Kafka's own name for itself; no record of the ledger holds it"),
    Unproven("topic", "topic_id", "Kafka's own name for a topic; no record of the ledger holds it"),
    Unproven(
        "position",
        "next_offset",
        "cosignatures carry no offset; a wrong one makes the validator read some again, or stop",
        "cosignatures topic",
    ),
    Unproven(
        "block",
        "blocks_offset",
        "where Kafka put the note, which nobody signs; that it rises and fits the position is checked",
        "between its neighbours",
    ),
    Unproven("block", "stored_at", "this machine's clock, for display"),
    Unproven("vote", "found", "by which way our own verified line came to us"),
    Unproven(
        "vote",
        DELETED,
        "blocks taken from a peer rest on its quorum and are not voted on; how many have no vote is said",
        "final, and our cosignature not stored",
    ),
    Unproven(
        "cosignature",
        DELETED,
        "a line beyond what the quorum needs, or over a body that is not final, may never have arrived",
        "not needed for a quorum",
    ),
    Unproven("log_signature", DELETED, "the log's line may not have arrived yet", "over a final body"),
    Unproven("final_checkpoint", "at", "this machine's clock, for display"),
    Unproven("evidence", "found_at", "this machine's clock, for display"),
    Unproven(
        "evidence",
        "detail",
        "a sentence about the raw bytes beside it, which are checked",
        _OUTSIDE,
    ),
    Unproven(
        "evidence",
        DELETED,
        "what came from outside the stored rows and was passed over cannot be missed",
        _OUTSIDE,
    ),
    Unproven("schema_migration", "applied_at", "this machine's clock, for display"),
)


def explain() -> str:
    """Format the list for people."""
    lines = ["What an audit of a database does not prove, and why; every other column of every table is recomputed:"]
    for table, column, reason, where in UNPROVEN:
        lines.append(f"  {table}, {column}{f' ({where})' if where else ''}: {reason}")
    lines.append("Beside them: lines by keys that the network does not know, in a block's note, are passed over.")
    return "\n".join(lines)
