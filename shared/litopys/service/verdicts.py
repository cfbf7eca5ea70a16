"""Keeping the store's verdicts up with the ledger: whenever a checkpoint becomes final, and now and then anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litopys.postgres.pool import durable_step, failures
from litopys.postgres.sector_traces import finish_traces
from litopys.postgres.sector_verdicts import load_final_head, load_finality_samples, store_final
from litopys.service import metrics
from litopys.service.light_client import load_verdicts
from litopys.service.logs import get_log
from litopys.service.tracing import is_tracing, record_span
from litopys.steps import Step, pass_on

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litopys.ledger.network import Network
    from litopys.postgres.pool import Pool
    from litopys.postgres.sector_verdicts import FinalBlock
    from litopys.service.citations import Citations
    from litopys.service.settling import Settling
    from litopys.service.validators import Validators
    from litopys.service.writing import Writer
    from litopys.steps import Passing

_BLOCKS_AT_ONCE = 500

_log = get_log("verdicts")


class Verdicts:
    """Takes final blocks into the store of one sector, once its own topic was read that far."""

    def __init__(
        self,
        *,
        pool: Pool,
        network: Network,
        writer: Writer,
        validators: Validators,
        settling: Settling,
        citations: Citations,
        passing: Passing = pass_on,
    ) -> None:
        self._pool = pool
        self._passing = passing
        self._network = network
        self._writer = writer
        self._sector = writer.sector
        self._validators = validators
        self._settling = settling
        self._citations = citations
        self._known: list[FinalBlock] = []

    async def step(self, *, size: int, read_to: Mapping[int, int]) -> int:
        """Take note of blocks up to tree size `size` whose records were read (`read_to`: offset by partition).

        Returns how many blocks were taken note of. Raises Unavailable, Halted. What was walked and could not be taken
        note of yet is kept for the next step.
        """
        await self._walk(size)
        ready = self._ready(read_to)
        if ready:
            async with durable_step(self._pool, Step.FINAL, self._passing) as connection:
                await store_final(connection, ready)
                traces = await finish_traces(connection, ready) if is_tracing() else []
            del self._known[: len(ready)]
            self._writer.reached(ready[-1].height)
            _log.debug("final", height=ready[-1].height, blocks=len(ready))
            for trace in traces:
                attributes = {"litopys.sector": self._sector, "litopys.block.height": trace.height}
                record_span("final", parent=trace.traceparent, lasted_s=trace.lasted_s, attributes=attributes)
            await self._observe(ready)
        await self._settling.step()
        await self._citations.release_ready()
        return len(ready)

    async def _walk(self, size: int) -> None:
        with failures():
            head = await load_final_head(self._pool)
        self._writer.reached(head.height)
        if self._known and self._known[0].height != head.height + 1:
            self._known.clear()
        last = self._known[-1] if self._known else None
        if last is not None:
            head = head._replace(height=last.height, block_index=last.block_index)
        self._known += await load_verdicts(
            self._validators, network=self._network, sector=self._sector, head=head, size=size
        )

    def _ready(self, read_to: Mapping[int, int]) -> list[FinalBlock]:
        ready = []
        for block in self._known[:_BLOCKS_AT_ONCE]:
            if any(read_to.get(part.partition, 0) < part.end for part in block.ranges):
                break
            ready.append(block)
        return ready

    async def _observe(self, blocks: list[FinalBlock]) -> None:
        metrics.FINAL_HEIGHT_BLOCKS.set(blocks[-1].height)
        metrics.FINAL_AGE_SECONDS.set(0)
        with failures():
            samples = await load_finality_samples(self._pool, blocks)
        for seconds in samples:
            metrics.EVENT_FINALITY_SECONDS.labels(self._sector).observe(max(seconds, 0.0))
