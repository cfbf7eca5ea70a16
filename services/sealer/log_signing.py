"""The log's signature: given to a checkpoint once validators have given theirs, and to nothing else."""

from __future__ import annotations

from collections.abc import Callable

from litopys.kafka.follower import Follower
from litopys.kafka.producer import Publisher
from litopys.kafka.records import Outgoing
from litopys.kafka.topics import cosignatures_topic
from litopys.ledger.collector import CosignatureCollector
from litopys.ledger.network import Network
from litopys.note.checkpoints import Checkpoint, format_checkpoint
from litopys.note.notes import Note, format_note, sign_text
from litopys.note.vkeys import Signer
from litopys.service.logs import get_log

LOOK_BACK_RECORDS = 8_192
"""How far before the topic's end reading begins: enough for the newest checkpoint's votes of any network."""
_READ_S = 0.5
_log = get_log("log")


class LogSigning:
    """Counts cosignatures and, while elected, signs the newest checkpoint that has a quorum."""

    def __init__(
        self, *, network: Network, log_signer: Signer, publisher: Publisher, is_leader: Callable[[], bool]
    ) -> None:
        self._network = network
        self._log_signer = log_signer
        self._publisher = publisher
        self._is_leader = is_leader
        self._collector = CosignatureCollector(network)
        self._signed_size = 0

    async def run(self, follower: Follower) -> None:
        """Follow the cosignatures topic and sign, for ever. Raises Unavailable, Halted."""
        while True:
            for record in await follower.read(_READ_S):
                self._collector.offer(record.value)
            await self._sign_newest()

    async def _sign_newest(self) -> None:
        final, published = self._collector.final(), self._collector.published()
        done = max(self._signed_size, published.checkpoint.size if published else 0)
        if final is None or final.checkpoint.size <= done or not self._is_leader():
            return
        await self._publisher.publish([self._record(final.checkpoint)])
        self._signed_size = final.checkpoint.size
        _log.debug("signed", size=self._signed_size)

    def _record(self, checkpoint: Checkpoint) -> Outgoing:
        body = format_checkpoint(checkpoint)
        note = format_note(Note(body, (sign_text(self._log_signer, body),)))
        return Outgoing(cosignatures_topic(self._network.topics), 0, note, ())


async def first_position(follower: Follower, network: Network) -> int:
    """Return the offset on the cosignatures topic from which a starting sealer reads. Raises Unavailable."""
    place = (cosignatures_topic(network.topics), 0)
    low, end = (await follower.watermarks([place]))[place]
    return max(low, end - LOOK_BACK_RECORDS)
