"""The durable steps of a validator over its database: each one transaction, announced before and after (steps.py)."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from litopys.postgres import ledger_identity as identity
from litopys.postgres import ledger_store, ledger_votes
from litopys.postgres.ledger_finality import FinalRow, read_final, read_quorum_from, write_finals
from litopys.postgres.pool import durable_step, failures
from litopys.replica.finality import FinalityKeeper, QuorumElsewhere, Settled
from litopys.steps import Passing, Step, pass_on

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from litopys.kafka.identity import ClusterIdentity
    from litopys.ledger.network import Network
    from litopys.postgres.ledger_store import BlockWrite, PositionRow, VoteRow
    from litopys.postgres.ledger_votes import CosignatureRow, EvidenceRow, LogSignatureRow
    from litopys.postgres.pool import Connection, Pool


class Seen(NamedTuple):
    """What a batch of the cosignatures topic held that verifies, and the position behind it."""

    cosignatures: Sequence[CosignatureRow]
    log_signatures: Sequence[LogSignatureRow]
    evidence: Sequence[EvidenceRow]
    positions: Sequence[PositionRow]


class LedgerStore:
    """A validator's database as its core uses it. Methods raise Unavailable (retry) and Halted (stop)."""

    def __init__(self, *, pool: Pool, network: Network, validator: str, passing: Passing = pass_on) -> None:
        self._pool = pool
        self._network = network
        self._validator = validator
        self._passing = passing
        self._keeper = FinalityKeeper(network)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Lend a connection outside any step, for reading."""
        with failures():
            async with self._pool.acquire() as connection:
                yield connection

    @asynccontextmanager
    async def step(self, step: Step) -> AsyncIterator[Connection]:
        """Run one durable step: its transaction is open inside, committed after."""
        async with durable_step(self._pool, step, self._passing) as connection:
            yield connection

    async def pin(self, network_digest: bytes) -> None:
        """Bind the database to the network and the validator, and make tables for the entries to come."""
        async with self.step(Step.IDENTITY) as connection:
            await identity.pin_identity(
                connection, origin=self._network.origin, network_digest=network_digest, validator=self._validator
            )
        async with self.step(Step.PARTITIONS) as connection:
            head = await identity.read_head(connection)
            await ledger_store.ensure_entry_partitions(connection, 0 if head is None else head.size)

    async def pin_kafka(self, found: ClusterIdentity) -> None:
        """Bind the database to the Kafka cluster and its topics. Raises WrongDatabase where it knows others."""
        async with self.step(Step.IDENTITY) as connection:
            await identity.pin_kafka(connection, cluster_id=found.cluster_id, topic_ids=found.topic_ids)

    async def store_block(self, write: BlockWrite, evidence: Sequence[EvidenceRow] = ()) -> list[EvidenceRow]:
        """Store a block with everything it brings, its vote, and what the records passed over before it show.

        Returns what of the evidence is new. Raises Halted where the block contradicts a vote.
        """
        async with self.step(Step.BLOCK) as connection:
            await ledger_store.write_block(connection, write)
            new = await ledger_votes.write_evidence(connection, evidence)
        first, size = write.block.first_index, write.block.size
        if first // ledger_store.ENTRIES_PER_PARTITION != size // ledger_store.ENTRIES_PER_PARTITION:
            async with self.step(Step.PARTITIONS) as connection:
                await ledger_store.ensure_entry_partitions(connection, size)
        return new

    async def store_caught_up(self, writes: Sequence[BlockWrite]) -> None:
        """Store verified blocks of another validator in one transaction; none of them carries a vote."""
        async with self.step(Step.CAUGHT_UP) as connection:
            for write in writes:
                await ledger_store.ensure_entry_partitions(connection, write.block.size)
                await ledger_store.write_block(connection, write)

    async def store_seen(self, seen: Seen) -> list[EvidenceRow]:
        """Store a batch of cosignatures with the position behind it; returns what of the evidence is new."""
        async with self.step(Step.COSIGNATURES) as connection:
            # What is lost here with the server is read again: rows and position go together.
            await connection.execute("set local synchronous_commit = off")
            await ledger_votes.write_cosignatures(connection, seen.cosignatures)
            await ledger_votes.write_log_signatures(connection, seen.log_signatures)
            new = await ledger_votes.write_evidence(connection, seen.evidence)
            await ledger_store.write_positions(connection, seen.positions)
        return new

    async def settle(self, *, sizes: Sequence[int]) -> Settled:
        """Store what became final and what contradicts. Raises QuorumElsewhere once that is stored."""
        async with self.reading() as connection:
            settled = await self._keeper.look(connection, sizes=sizes)
        new = await self.keep(settled.evidence)
        if settled.finals:
            async with self.step(Step.QUORUMS) as connection:
                # What is lost here with the server is counted again.
                await connection.execute("set local synchronous_commit = off")
                await write_finals(connection, settled.finals)
        if settled.is_halted:
            raise QuorumElsewhere("a quorum has cosigned another body than ours; both are kept as evidence")
        return settled._replace(evidence=new)

    async def keep(self, evidence: Sequence[EvidenceRow]) -> list[EvidenceRow]:
        """Keep evidence; returns what of it is new."""
        if not evidence:
            return []
        async with self.step(Step.EVIDENCE) as connection:
            return await ledger_votes.write_evidence(connection, evidence)

    async def adopt_found_votes(self, found: Sequence[CosignatureRow] = ()) -> list[VoteRow]:
        """Take own cosignatures found outside as votes, `found` by asking peers among them. Raises Halted."""
        async with self.step(Step.VOTES_FOUND) as connection:
            await ledger_votes.write_cosignatures(connection, found)
            return await ledger_votes.adopt_found_votes(connection, self._validator)

    async def final(self) -> FinalRow | None:
        """Return the newest final body."""
        async with self.reading() as connection:
            return await read_final(connection)

    def look_from(self, size: int) -> None:
        """Say that cosignatures up to a tree size were compared with our blocks in an earlier life."""
        self._keeper.looked_to = size

    async def is_quorum_from(self, size: int) -> bool:
        """Answer whether a quorum stands on a body of at least this size, ours already or not."""
        async with self.reading() as connection:
            return await read_quorum_from(connection, size=size, quorum=self._network.quorum) is not None
