"""One life of a sealer, from anchor to error, and the next one after it."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from litopys.errors import Conflict, Halted, Unavailable
from litopys.kafka.follower import Follower
from litopys.kafka.producer import Publisher
from litopys.kafka.topics import cosignatures_topic
from litopys.ledger.network import Network
from litopys.note.vkeys import Signer
from litopys.replica.follow import ChainFollower, chain_positions
from litopys.service import metrics
from litopys.service.logs import get_log
from litopys.service.validators import Validators, open_client
from services.sealer.anchor import find_anchor
from services.sealer.composing import Limits
from services.sealer.election import Election
from services.sealer.log_signing import LogSigning, first_position
from services.sealer.sealing import Sealing
from services.sealer.settings import SealerSettings

_WAIT_S = 1.0
_log = get_log("life")


class Keys(NamedTuple):
    """What a sealer signs with."""

    sealer: Signer
    log: Signer


class Life:
    """Runs a sealer and says what it waits for."""

    def __init__(self, *, settings: SealerSettings, network: Network, keys: Keys) -> None:
        self._settings = settings
        self._network = network
        self._keys = keys
        self._election = Election(
            bootstrap=settings.bootstrap,
            name=settings.name,
            prefix=network.topics,
            session_timeout_ms=settings.session_timeout_ms,
        )
        self.missing: str | None = "not started"
        """What the sealer waits for; None while it works."""

    async def run(self) -> None:
        """Live, and after what passes live again, until cancelled. Keeps still after Halted."""
        self._election.start()
        try:
            while True:
                await self._live_guarded()
                await asyncio.sleep(_WAIT_S)
        finally:
            await asyncio.to_thread(self._election.stop)

    async def _live_guarded(self) -> None:
        try:
            await self._live()
        except* (Unavailable, Conflict) as group:
            self.missing = str(group.exceptions[0])
            _log.warning("begins again", reason=self.missing)
        except* Halted as group:
            self.missing = f"halted: {group.exceptions[0]}"
            metrics.HALTED.set(1)
            _log.error("HALTED", reason=self.missing)
            await asyncio.to_thread(self._election.stop)
            await asyncio.Event().wait()

    async def _live(self) -> None:
        validators = Validators(self._network, open_client())
        name, bootstrap = f"sealer-{self._settings.name}", self._settings.bootstrap
        try:
            anchor = await find_anchor(validators, self._network, bootstrap=bootstrap, client_id=f"{name}-anchor")
        finally:
            await validators.close()
        positions = chain_positions(self._network, anchor.head, blocks_offset=anchor.blocks_offset)
        cosignatures = (cosignatures_topic(self._network.topics), 0)
        async with (
            Publisher(bootstrap, name) as publisher,
            Follower(bootstrap, f"{name}-chain", positions) as chain,
            Follower(bootstrap, f"{name}-votes", {cosignatures: 0}) as votes,
            asyncio.TaskGroup() as tasks,
        ):
            await votes.seek({cosignatures: await first_position(votes, self._network)})
            follower = ChainFollower(network=self._network, follower=chain, head=anchor.head)
            tasks.create_task(self._sealing(follower, publisher).run())
            tasks.create_task(self._log_signing(publisher).run(votes))
            self.missing = None

    def _sealing(self, follower: ChainFollower, publisher: Publisher) -> Sealing:
        return Sealing(
            network=self._network,
            signer=self._keys.sealer,
            follower=follower,
            blocks=publisher,
            limits=Limits(self._settings.seal_max_records, self._settings.seal_max_bytes),
            interval_s=self._settings.seal_interval_ms / 1000,
            is_leader=lambda: self._election.is_leader,
        )

    def _log_signing(self, publisher: Publisher) -> LogSigning:
        return LogSigning(
            network=self._network,
            log_signer=self._keys.log,
            publisher=publisher,
            is_leader=lambda: self._election.is_leader,
        )
