"""Several commands on one stream, decided one after another before any of them is stored."""

import dataclasses

from litopys.sourcing.context import Context
from litopys.sourcing.facts import Decided, Fact
from services.registers.domain.land_parcel.decide import decide
from services.registers.domain.land_parcel.evolve import LAND_PARCEL
from services.registers.domain.land_parcel.state import ParcelState


class Episode:
    """Decides commands as if each were stored at once: the next one sees the state and version that it leaves."""

    def __init__(self, state: ParcelState | None, context: Context) -> None:
        """Begin where the stream stands."""
        self._state = state
        self.context = context
        self.decided: list[Decided] = []

    @property
    def state(self) -> ParcelState:
        """The state so far; raises LookupError before a parcel was recorded."""
        if self._state is None:
            raise LookupError("the parcel has no state yet")
        return self._state

    def do(self, command: object) -> None:
        """Decide on a command and take its events in; raises RuleViolated."""
        for decided in decide(command, self._state, self.context):
            version = self.context.version + 1
            fact = Fact(
                self.context.subject,
                version,
                decided.name,
                decided.type_version,
                self.context.time,
                self.context.actor,
                decided.cites,
                decided.data,
            )
            self._state = LAND_PARCEL.apply(self._state, fact)
            self.context = dataclasses.replace(self.context, version=version)
            self.decided.append(decided)
