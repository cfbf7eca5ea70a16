"""What a command on a market interval amounts to."""

import dataclasses
from typing import Any, Final

from litopys.sourcing.commands import Annul
from litopys.sourcing.common import Annulled
from litopys.sourcing.context import Context
from litopys.sourcing.deciding import Decider
from litopys.sourcing.facts import Decided
from services.energy.domain.eic import check_eic
from services.energy.domain.market_interval import commands as c
from services.energy.domain.market_interval.events import Cleared, Recorded
from services.energy.domain.market_interval.evolve import MARKET_INTERVAL
from services.energy.domain.market_interval.state import IntervalState
from services.energy.domain.recording import Record, listed


def clear(command: c.ClearInterval, _state: IntervalState | None, context: Context) -> Decided:
    """Enter a price; the zone's EIC has the right check character."""
    check_eic(context.subject.split(":")[1])
    data = Cleared(
        market=command.market,  # type: ignore[arg-type]
        price=command.price,
        volume_wh=command.volume_wh,
        rate=command.rate,
        original=command.original,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("cleared", 1, data)


def record(command: Record, _state: IntervalState | None, _context: Context) -> Decided:
    """Take an interval over as another register held it."""
    data = Recorded(
        as_of=command.as_of,
        state=listed(MARKET_INTERVAL, command.state),
        original=command.original,
        basis=command.basis,
        imported=command.imported,
    )
    return Decided("recorded", 1, data)


def annul(command: Annul, state: IntervalState, _context: Context) -> Decided:
    """Propose to undo the clearing: the price stays to be read, and holds no more, unless another state is given."""
    ended = dataclasses.replace(state.standing, status="ended", proposals=(), inconsistent=())
    data: Annulled[Any, Any] = Annulled(
        from_version=command.from_version,
        from_moment=command.from_moment,
        by=command.by,  # type: ignore[arg-type]
        basis=command.basis,
        state=command.state or dataclasses.replace(state, standing=ended),
        persons=(),
        sd_alg="sha-256",
        imported=None,
    )
    return Decided("annulled", 1, data)


DECIDER: Final = Decider(
    aggregate=MARKET_INTERVAL,
    decisions={Record: record, c.ClearInterval: clear, Annul: annul},
    openers=(Record, c.ClearInterval),
)
