"""Verdicts in words: what was checked, what was not, and who stands behind it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from litopys.cli.console import painted
from litopys.event.cloudevents import Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.ledger.receipts import VerifiedReceipt
    from litopys.note.policies import Policy

VALID = "VALID"
NOT_VALID = "NOT VALID"
UNKNOWN = "CANNOT CHECK"


def format_time(timestamp_s: int) -> str:
    """Format seconds since 1970 as UTC."""
    return datetime.fromtimestamp(timestamp_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def address_of(receipt: VerifiedReceipt) -> str:
    """Name what a receipt is about: `subject@version`, or the height of a block."""
    content = receipt.content
    if isinstance(content, Event):
        return f"{content.subject}@{content.streamversion}"
    return f"block {content.block.height}"


def receipt_checks(receipt: VerifiedReceipt, policy: Policy) -> list[str]:
    """Say what the verification of a receipt has shown."""
    cosigners = ", ".join(f"{one.name} at {format_time(one.timestamp_s)}" for one in receipt.cosigners)
    origin, size, _ = receipt.checkpoint
    signed = f"the log and {len(receipt.cosigners)} of {len(policy.witnesses)} validators signed that tree"
    return [
        f"the entry stands at index {receipt.index} of {origin}, tree size {size}",
        f"{signed} (quorum {policy.quorum}): {cosigners}",
    ]


def receipt_value(receipt: VerifiedReceipt, policy: Policy) -> dict[str, Any]:
    """Describe a verified receipt as JSON."""
    content = receipt.content
    about: dict[str, Any] = {"kind": "block", "height": 0}
    if isinstance(content, Event):
        about = {
            "kind": "event",
            "subject": content.subject,
            "version": content.streamversion,
            "type": content.type,
            "time": content.time,
            "actor": content.actor,
            "data": content.data,
        }
    else:
        about["height"] = content.block.height
    return {
        "origin": receipt.checkpoint.origin,
        "index": receipt.index,
        "tree_size": receipt.checkpoint.size,
        "root": receipt.checkpoint.root.hex(),
        "quorum": policy.quorum,
        "cosigners": [{"name": one.name, "time": format_time(one.timestamp_s)} for one in receipt.cosigners],
        **about,
    }


def format_verdict(verdict: str, about: str, *, checked: Sequence[str], unchecked: Sequence[str]) -> str:
    """Format a verdict for people."""
    colour = {VALID: "green", NOT_VALID: "red"}.get(verdict, "yellow")
    lines = [f"{painted(verdict, colour=colour)}  {about}"]
    lines += [f"  checked: {line}" for line in checked]
    lines += [f"  not checked: {line}" for line in unchecked]
    return "\n".join(lines)
