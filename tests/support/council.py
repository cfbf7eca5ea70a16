"""Three real validators of a network on real topics, and the one assertion about liars: named by all, and nobody else.

    async with council.convicts(Accused(Role.SEALER, "b"), kinds={"two-blocks"}):
        ... b lies

Sealer `a` is honest and played, `b` is whatever the test makes of it, `c` is a sealer until height 1; the fourth
validator, `dnipro`, is played too. kyiv, lviv and odesa are a quorum: the chain goes on or the assertion fails.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.postgres import GivenPostgres, OwnPostgres, create_database, drop_database
from litopys.audit.database import audit_database
from litopys.kafka.address import KafkaAddress
from litopys.kafka.topics import blocks_topic
from litopys.ledger.blocks import Block
from litopys.ledger.evidence import Accused, weigh
from litopys.postgres import ledger_reading as reading
from tests.support.live_network import CountingDomain, LiveNetwork, RunningValidator
from tests.support.simulated import Simulated

REAL = ("kyiv", "lviv", "odesa")
PLAYED = "dnipro"
_EVIDENCE = "select digest, kind, who, second, detail from evidence"


@dataclass
class WithSealers(Simulated):
    """A network with three sealers, the last of them until height 1."""

    def document(self) -> dict[str, Any]:
        document = super().document()
        for name, until in (("b", None), ("c", 1)):
            document["sealers"].append({"name": name, **self._key(f"sealer/{name}"), "from": 0, "until": until})
        return document


class Council:
    """The network, its real validators by name, and all that they have found."""

    def __init__(self, live: LiveNetwork, validators: dict[str, RunningValidator]) -> None:
        self.live = live
        self.validators = validators
        self._numbers = itertools.count()

    @staticmethod
    @asynccontextmanager
    async def sit(
        kafka: KafkaAddress,
        postgres: GivenPostgres | OwnPostgres,
        folder: Path,
        *,
        urls: Sequence[str] = (),
        **own: Any,
    ) -> AsyncIterator[Council]:
        """Start a network; `own` are settings of one validator alone, by its name."""
        async with AsyncExitStack() as closing:
            live = await closing.enter_async_context(
                LiveNetwork.start(kafka, f"council-{secrets.token_hex(4)}", simulated=WithSealers(), urls=urls)
            )
            validators = {}
            for name in REAL:
                database = f"test_{secrets.token_hex(6)}"
                dsn = await create_database(postgres, database)
                closing.push_async_callback(drop_database, postgres, database)
                validators[name] = await closing.enter_async_context(
                    live.validator(name, dsn, folder, **own.get(name, {}))
                )
            yield Council(live, validators)

    async def publish(self) -> None:
        """Publish a new stream's first event."""
        await self.live.publish(f"thing:{next(self._numbers)}")

    async def put_block(self, block: Block, sealer: str) -> None:
        """Put a sealer's block on the topic; nothing is taken for sealed."""
        await self.put_note(self.live.simulated.block_note(block, sealer))

    async def put_note(self, note: bytes) -> None:
        """Put any record on the blocks topic."""
        await self.live.put(blocks_topic(self.live.network.topics), note)

    async def seal(self) -> reading.BlockRow:
        """Seal honestly what waits, and a new event; returns the block as it is final at everybody."""
        await self.publish()
        block = await self.live.seal()
        return await self.agreed(block.height)

    async def agreed(self, height: int, among: Iterable[str] = REAL) -> reading.BlockRow:
        """Wait until a height is final; all that are asked hold the same."""
        rows = []
        for name in among:
            await self.validators[name].final(height=height)
            rows.append(await self.validators[name].reached(height=height))
        assert len({(row.root, row.size, row.text_hash) for row in rows}) == 1
        return rows[0]

    async def rows(self, name: str) -> list[Any]:
        """The whole table of evidence of a validator."""
        return list(await self.validators[name].pool.fetch(_EVIDENCE))

    @asynccontextmanager
    async def convicts(
        self, *accused: Accused, kinds: Iterable[str] | None = None, by: Sequence[str] = REAL
    ) -> AsyncIterator[None]:
        """What is done inside has these named by each of `by`, and nobody else by anybody; and the chain goes on."""
        await self.seal()
        known = {name: {row["digest"] for row in await self.rows(name)} for name in self.validators}
        yield
        await self.seal()  # what was passed over is judged with the next block
        await self.seal()  # and named once that is final
        for name in self.validators:
            new = [row for row in await self.rows(name) if row["digest"] not in known[name]]
            await self.judge(name, new, accused if name in by else (), kinds if name in by else None)

    async def judge(
        self, name: str, rows: Sequence[Any], accused: Sequence[Accused], kinds: Iterable[str] | None
    ) -> None:
        """The assertion: these rows of a validator accuse these alone, and its audit finds nothing amiss."""
        shown = [(row["kind"], row["detail"]) for row in rows]
        assert await self.accused(name, rows) == set(accused), (name, shown)
        assert kinds is None or {row["kind"] for row in rows} == set(kinds), (name, shown)
        report = await audit_database(
            self.validators[name].database,
            self.live.network,
            load_rules=lambda _sector, _rules: CountingDomain(),  # type: ignore[return-value,arg-type]
            validator=name,
        )
        assert report.findings == []
        assert set(report.accused) == await self.accused(name, await self.rows(name))
        assert self.validators[name].standing.halted is None

    async def accused(self, name: str, rows: Sequence[Any]) -> set[Accused]:
        """Whom rows of evidence name."""
        async with self.validators[name].pool.acquire() as connection:
            final = await reading.read_final_height(connection)
        weighed = [
            weigh(row["kind"], row["who"], row["second"], network=self.live.network, final_height=final) for row in rows
        ]
        assert all(one.words.startswith("nobody") == (one.accused is None) for one in weighed)
        return {one.accused for one in weighed if one.accused is not None}
