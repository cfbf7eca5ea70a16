"""The log's signature: given to a checkpoint once a verified quorum stands on it, and never before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from litopys.ledger.collector import CosignatureCollector, Outcome
from litopys.ledger.evidence import EvidenceKind
from litopys.ledger.finality import FinalHead, SeenLogSignature
from litopys.note.checkpoints import format_checkpoint
from litopys.note.notes import Note, format_note, sign_text
from litopys.service import metrics
from litopys.service.logs import get_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.ledger.collector import Evidence
    from litopys.ledger.network import Network
    from litopys.note.vkeys import Signer
    from services.sealer.standing import Standing

TAIL_RECORDS = 1_024
READ_S = 0.5
_FAILED = {one: f"cosignature-{one}" for one in (Outcome.MALFORMED, Outcome.UNKNOWN_KEY, Outcome.BAD_SIGNATURE)}
COSIGNATURE_FAILURES = tuple(_FAILED.values())
"""Under which reasons records of the cosignatures topic are counted that do not verify."""

_log = get_log("signing")


class CosignaturesPort(Protocol):
    """The cosignatures topic as the log's signer needs it. Its methods raise Unavailable, Halted."""

    async def bounds(self) -> tuple[int, int]:
        """Return the offset of the topic's first record and the one after its last."""

    async def seek(self, offset: int) -> None:
        """Go on reading from an offset."""

    async def read(self, timeout_s: float) -> Sequence[bytes]:
        """Return the next values, in order; nothing if none came in time."""

    @property
    def position(self) -> int:
        """The offset of the next record."""

    async def publish(self, note: bytes) -> None:
        """Write a record."""


class LogSigner:
    """Follows the cosignatures and signs, while this sealer leads, the newest checkpoint that became final."""

    def __init__(self, *, network: Network, signer: Signer, topic: CosignaturesPort, standing: Standing) -> None:
        self._network = network
        self._signer = signer
        self._topic = topic
        self._standing = standing
        self._collector = CosignatureCollector(network)

    async def run(self) -> None:
        """Read and sign, for ever. Raises Unavailable; Halted where two quorums contradict each other."""
        await self._read_tail()
        while True:
            await self.sign_newest()
            for value in await self._topic.read(READ_S):
                self._take_in(value)

    async def sign_newest(self) -> None:
        """Sign what is final and not signed yet, if it is ours to do."""
        final = self._collector.final()
        if final is None or final.log_line is not None or not self._standing.is_leader:
            return
        if final.checkpoint.size <= self._standing.signed_size:
            return
        await self._topic.publish(sign_final(final, self._signer))
        self._standing.signed_size = final.checkpoint.size
        metrics.LOG_SIGNATURES.inc()

    async def _read_tail(self) -> None:
        """Read the topic's last records, more and more of them until they show something final, or there are no more.

        Older ones are of no use: what became final after them makes them final too.
        """
        tail = TAIL_RECORDS
        begin, end = await self._topic.bounds()
        while True:
            first = max(begin, end - tail)
            await self._topic.seek(first)
            while self._topic.position < end:
                for value in await self._topic.read(READ_S):
                    self._take_in(value)
            if first == begin or self._collector.final() is not None:
                return
            tail *= 8
            self._collector = CosignatureCollector(self._network)

    def _take_in(self, value: bytes) -> None:
        heard = self._collector.offer(value)
        if heard.outcome in _FAILED:
            metrics.VERIFICATION_FAILURES.labels(_FAILED[heard.outcome]).inc()
        if heard.evidence is not None:
            self._tell(heard.evidence)
        if isinstance(heard.seen, SeenLogSignature):
            self._standing.signed_size = max(self._standing.signed_size, heard.seen.checkpoint.size)
        elif heard.seen is not None:
            self._standing.pace.voted(heard.seen.checkpoint.size)

    def _tell(self, evidence: Evidence) -> None:
        """Say what was seen; every validator reads the same topic and keeps it, a sealer has nowhere to."""
        is_log = evidence.signer == self._network.origin
        kind = EvidenceKind.TWO_LOG_HEADS if is_log else EvidenceKind.DOUBLE_VOTE
        metrics.EVIDENCE.labels(kind).inc()
        _log.error("two checkpoints of one size", kind=kind, signer=evidence.signer, size=evidence.size)


def sign_final(final: FinalHead, signer: Signer) -> bytes:
    """Make the log's record for a checkpoint that carries a quorum; only a FinalHead can be signed."""
    body = format_checkpoint(final.checkpoint)
    return format_note(Note(body, (sign_text(signer, body),)))
