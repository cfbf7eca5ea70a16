"""How many receipts one core verifies in a second: taken from a running validator, the policy parsed once."""

from __future__ import annotations

import time
import urllib.request
from typing import TYPE_CHECKING

from litopys.ledger.receipts import verify_receipt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.note.policies import Policy


def fetch_receipts(url: str, indexes: Sequence[int]) -> list[bytes]:
    """Ask the validator at `url` for the receipts of these entries. Raises URLError."""
    found: list[bytes] = []
    for index in indexes:
        with urllib.request.urlopen(f"{url}/receipt/{index}", timeout=30) as answer:
            found.append(answer.read())
    return found


def measure_receipts(receipts: Sequence[bytes], policy: Policy) -> int:
    """Verify each and answer how many a second of CPU verifies. Raises Malformed, VerificationFailed."""
    began = time.thread_time()
    for receipt in receipts:
        verify_receipt(receipt, policy)
    return round(len(receipts) / (time.thread_time() - began))
