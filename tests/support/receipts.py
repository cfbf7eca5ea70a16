"""A small ledger with receipts, made of a simulated network."""

from typing import Any

from litopys.event.disclosures import seal_fields
from litopys.event.entries import format_entry
from litopys.event.signatures import sign_event
from litopys.ledger.receipts import make_receipt
from litopys.note.checkpoints import Checkpoint
from litopys.note.policies import format_policy
from litopys.tlog.hashing import leaf_hash, node_hash
from tests.support.simulated import Simulated

OWNER = "Олена"


class SmallLedger:
    """Two entries under one final checkpoint; the first holds a sealed owner."""

    def __init__(self) -> None:
        self.simulated = Simulated()
        sealed = seal_fields({"owner": OWNER, "share": "1/2"}, [b"a" * 16, b"b" * 16], [b"d" * 32])
        self.disclosures = list(sealed.disclosures.values())
        self.entries = [
            self._entry("thing:1", data={"note": "x", "_sd": list(sealed.digests), "_sd_alg": "sha-256"}),
            self._entry("thing:2"),
        ]
        self.hashes = [leaf_hash(entry) for entry in self.entries]
        checkpoint = Checkpoint(self.simulated.origin, 2, node_hash(*self.hashes))
        self.final = self.simulated.final_note(checkpoint)
        self.policy = format_policy(self.simulated.network().policy())

    def receipt(self, index: int = 0) -> bytes:
        return make_receipt(
            entry=self.entries[index], index=index, proof=[self.hashes[1 - index]], checkpoint=self.final
        )

    def _entry(self, subject: str, **changes: Any) -> bytes:
        value = self.simulated.event(subject, **changes)
        return format_entry(value, sign_event(self.simulated.sector("registers"), value))
