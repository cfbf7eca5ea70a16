"""A block's share in the traces of its events: what one validator did with it. Nothing where nobody traces."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from litopys.service.tracing import is_tracing, parse_traceparent, record_span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litopys.postgres.ledger_store import VoteRow


class Taken(NamedTuple):
    """The trace contexts of a block's records, and when it was taken in hand (`time.perf_counter`)."""

    traces: Sequence[bytes]
    since: float


class Voted(NamedTuple):
    """A vote that is stored, when it was (`time.perf_counter`), and the spans of its block."""

    vote: VoteRow
    stored: float
    traces: Sequence[str] = ()


class Spans:
    """Tells of what the validator `name` did."""

    def __init__(self, name: str) -> None:
        self._name = name

    def judged(self, taken: Taken, height: int) -> Sequence[str]:
        """Tell that a block was judged and stored; returns the contexts for what follows."""
        if not is_tracing():
            return ()
        lasted_s, told = time.perf_counter() - taken.since, self._told(height)
        contexts = (
            record_span("judge", parent=parse_traceparent(one), lasted_s=lasted_s, attributes=told)
            for one in taken.traces
        )
        return [context for context in contexts if context is not None]

    def cosigned(self, voted: Voted) -> None:
        """Tell that the vote for a block stands on Kafka."""
        lasted_s, height = time.perf_counter() - voted.stored, voted.vote.height
        for context in voted.traces:
            record_span("cosign", parent=context, lasted_s=lasted_s, attributes=self._told(height))

    def _told(self, height: int | None) -> dict[str, str | int]:
        return {"litopys.validator": self._name, "litopys.block.height": -1 if height is None else height}
