"""Taking in the cosignatures topic, and settling what is final and who contradicts whom."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from litopys.kafka.topics import cosignatures_topic
from litopys.postgres.ledger_store import PositionRow
from litopys.replica.cosignatures import Checked, check_cosignatures
from litopys.replica.store import LedgerStore, Seen
from litopys.service import metrics
from litopys.service.logs import get_log
from services.validator.measuring import measure_final
from services.validator.voting import wait_at_most

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from litopys.kafka.follower import Follower
    from litopys.ledger.network import Network
    from litopys.postgres.ledger_finality import FinalRow
    from litopys.postgres.ledger_votes import EvidenceRow
    from services.validator.standing import Standing
    from services.validator.voting import VoteGate

_READ_S = 0.5
_AGE_S = 1.0

_log = get_log("intake")


def count_evidence(rows: Iterable[EvidenceRow]) -> None:
    """Count evidence that was not known before, and say so in the log."""
    for row in rows:
        metrics.EVIDENCE.labels(row.kind).inc()
        metrics.EVIDENCE_KEPT_PIECES.labels(row.kind).inc()
        _log.warning("evidence", kind=row.kind, who=row.who, size=row.size, detail=row.detail)


class Intake:
    """Reads the cosignatures topic from its stored position. `follower` follows that topic alone."""

    def __init__(self, *, network: Network, follower: Follower, store: LedgerStore, standing: Standing) -> None:
        self._topic = cosignatures_topic(network.topics)
        self._network = network
        self._follower = follower
        self._store = store
        self._standing = standing
        self._news = asyncio.Event()
        self._sizes: set[int] = set()
        self._final_at = time.monotonic()

    async def read_to_end(self) -> None:
        """Read what the topic holds now: nothing may be signed before it is known what was signed."""
        place = (self._topic, 0)
        _, end = (await self._follower.watermarks([place]))[place]
        while self._follower.positions[place] < end:
            await self._read()

    async def run(self) -> None:
        """Read on, for ever."""
        while True:
            await self._read()

    async def _read(self) -> None:
        records = await self._follower.read(_READ_S)
        if not records:
            return
        checked = check_cosignatures((record.value for record in records), self._network)
        await self.take_in(checked, [PositionRow(self._topic, 0, records[-1].offset + 1)])

    async def take_in(self, checked: Checked, positions: list[PositionRow]) -> None:
        """Store what was checked, from the topic or (without a position) from a peer."""
        for reason in checked.passed:
            metrics.VERIFICATION_FAILURES.labels(f"cosignature-{reason}").inc()
        for row in checked.cosignatures:
            metrics.COSIGNATURES.labels(row.validator).inc()
        seen = Seen(checked.cosignatures, checked.log_signatures, checked.evidence, positions)
        count_evidence(await self._store.store_seen(seen))
        self.tell(sizes=checked.sizes)

    async def keep(self, evidence: Sequence[EvidenceRow]) -> None:
        """Keep evidence that was found beside the topics, and count what is new of it."""
        count_evidence(await self._store.keep(evidence))

    def tell(self, *, sizes: Collection[int] = ()) -> None:
        """Say that something may have become final: cosignatures of these sizes, or a block of ours."""
        self._sizes.update(sizes)
        self._news.set()

    async def settle(self, gate: VoteGate) -> None:
        """Look after each news, for ever. Raises QuorumElsewhere."""
        while True:
            await self._wait_for_news()
            self._news.clear()
            sizes, self._sizes = sorted(self._sizes), set()
            settled = await self._store.settle(sizes=sizes)
            count_evidence(settled.evidence)
            if settled.finals:
                self._tell_final(settled.finals[-1])
                self._final_at = time.monotonic()
                _log.debug("final", height=settled.finals[-1].height, size=settled.finals[-1].size)
            gate.tell(max((row.size for row in settled.finals), default=None))

    def _tell_final(self, newest: FinalRow) -> None:
        """Bodies are found final by rising size, but for those of cosignatures that came late: height never falls."""
        if newest.height > self._standing.final_height:
            self._standing.final_height = newest.height
            measure_final(newest)

    async def _wait_for_news(self) -> None:
        metrics.FINAL_AGE_SECONDS.set(time.monotonic() - self._final_at)
        while not await wait_at_most(self._news, _AGE_S):
            metrics.FINAL_AGE_SECONDS.set(time.monotonic() - self._final_at)
