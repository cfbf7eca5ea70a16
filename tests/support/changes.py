"""Parcels and changes side by side, driven as the service drives them: what a command sees of others is gathered."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from litopys.errors import RuleViolated
from litopys.event.disclosures import parse_disclosure
from litopys.event.streams import Citation
from litopys.service.sealing import Sealing
from litopys.service.writing import Stream
from litopys.sourcing.common import Basis
from litopys.sourcing.context import Context
from litopys.sourcing.facts import Decided, Fact
from services.registers import gathering
from services.registers.domain.land_parcel.decide import DECIDER as ON_PARCELS
from services.registers.domain.parcel_change import commands as c
from services.registers.domain.parcel_change.decide import DECIDER as ON_CHANGES
from tests.support.driving import NOW, ONE, TWO
from tests.support.parcels import DOMAIN, Parcel

APPLICATION = Basis("application", "заява про поділ 60719", "2026-02-28")
CHANGE = "parcel_change:2026-117"
EXPIRES = "2026-12-01T00:00:00Z"
LATER = "2026-12-01T00:00:01.000Z"
GATHERS = {
    c.ProposeChange: gathering.for_proposal,
    c.ApproveChange: gathering.for_approval,
    c.CompleteChange: gathering.for_completion,
    c.FormParcel: gathering.for_forming,
    c.ReserveParcel: gathering.for_step,
    c.ForeseeParcel: gathering.for_step,
    c.ReleaseParcel: gathering.for_step,
    c.EndParcel: gathering.for_step,
}


def number(last: int) -> str:
    """A cadastral number."""
    return f"5322081200:00:002:{last:04}"


class Land:
    """Streams by id; `do` gathers, decides, checks that what is cited is there, and takes the events in."""

    def __init__(self) -> None:
        self.streams: dict[str, Parcel] = {}

    def stream(self, subject: str) -> Parcel:
        return self.streams.setdefault(subject, Parcel(subject, seed=len(self.streams) + 100))

    def parcel(self, last: int) -> Parcel:
        return self.stream(f"land_parcel:{number(last)}")

    @property
    def change(self) -> Any:
        return self.stream(CHANGE).state

    def record(self, last: int, *shares: str, **changes: Any) -> Parcel:
        return self.parcel(last).record(*shares, **changes)

    def do(self, subject: str, command: Any, *, actor: str = ONE, time: str = NOW) -> list[str]:
        """Decide on a command and take its events in; gives their names."""
        stream = self.stream(subject)
        gather = GATHERS.get(type(command))
        if gather is not None:
            command = _run(gather(command, _Gathering(self, subject)))
        decider = ON_PARCELS if subject.startswith("land_parcel:") else ON_CHANGES
        wanted = [version for version in decider.facts_needed(command) if version <= stream.version]
        facts = {version: DOMAIN.fact(stream.events[version - 1]) for version in wanted}
        context = Context(subject=subject, version=stream.version, actor=actor, time=time, facts=facts)
        decided = decider.decide(command, stream.state, context)
        for one in decided:
            self.check_citations(one.cites, but=stream)
        before = stream.state, list(stream.events)
        try:
            return [stream.take(one, actor, time) for one in decided]
        except RuleViolated:
            stream.state, stream.events = before
            raise

    def take(self, subject: str, decided: Decided, *, actor: str = ONE, time: str = NOW) -> str:
        """Take an event in as it is, as a sector that does not keep to its own rules would send it."""
        self.check_citations(decided.cites, but=self.stream(subject))
        return self.stream(subject).take(decided, actor, time)

    def check_citations(self, cites: Sequence[Citation], *, but: Parcel) -> None:
        """What the ledger checks of citations: that the entries are there."""
        for cited in cites:
            assert cited.subject == but.subject or self.streams[cited.subject].version >= cited.version

    def propose(self, ends: Sequence[int], forms: Mapping[int, int], **changes: Any) -> None:
        """Plan a change: which parcels it ends, and which it forms, with their areas."""
        self.do(CHANGE, plan(ends, forms, **changes))

    def keep(self) -> None:
        """Reserve every parent and foresee every child."""
        for parent in self.change.parents:
            self.do(f"land_parcel:{parent.number}", c.ReserveParcel(change=CHANGE))
        for child in self.change.children:
            self.do(f"land_parcel:{child.number}", c.ForeseeParcel(change=CHANGE))

    def approve(self, **how: Any) -> list[str]:
        return self.do(CHANGE, c.ApproveChange(proposal=2), **{"actor": TWO, **how})

    def follow(self) -> None:
        """End every parent, form every child, complete."""
        for parent in self.change.parents:
            self.do(f"land_parcel:{parent.number}", c.EndParcel(change=CHANGE))
        for child in self.change.children:
            self.do(f"land_parcel:{child.number}", c.FormParcel(change=CHANGE))
        self.do(CHANGE, c.CompleteChange())

    def carry_through(self, ends: Sequence[int], forms: Mapping[int, int], **changes: Any) -> None:
        """A whole change."""
        self.propose(ends, forms, **changes)
        self.keep()
        assert self.approve() == ["approved", "authorised"]
        self.follow()


def plan(ends: Sequence[int], forms: Mapping[int, int], **changes: Any) -> c.ProposeChange:
    """A division of one parcel, or a merger of several."""
    given = {
        "kind": "division" if len(ends) == 1 else "merger",
        "parents": tuple(number(parent) for parent in ends),
        "children": tuple(c.NewParcel(number=number(child), area_m2=area) for child, area in forms.items()),
        "tolerance_m2": 0,
        "valid_from": "2026-11-20",
        "expires": EXPIRES,
        "basis": APPLICATION,
    }
    return c.ProposeChange(**{**given, **changes})


class _Gathering:
    """Gathers from the streams in memory."""

    def __init__(self, land: Land, subject: str) -> None:
        self._land = land
        self.subject = subject
        self.sealing: Sealing = land.stream(subject).sealing

    async def streams(self, subjects: Sequence[str]) -> Mapping[str, Stream]:
        known = self._land.streams
        return {s: Stream(s, known[s].version, known[s].state) if s in known else Stream(s, 0, None) for s in subjects}

    async def facts(self, subject: str) -> Sequence[Fact]:
        return self._land.streams[subject].facts if subject in self._land.streams else []

    async def disclosed(self, subject: str) -> Mapping[str, Mapping[str, object]]:
        return disclosed(self._land.stream(subject))


def disclosed(stream: Parcel) -> dict[str, dict[str, object]]:
    """Personal fields by person and name, of those whose digests stand in the stream's events."""
    standing = b"".join(str(event.data).encode() for event in stream.events)
    found: dict[str, dict[str, object]] = {}
    for sealed in stream.sealing.kept(standing):
        found.setdefault(sealed.person, {})[sealed.name] = parse_disclosure(sealed.disclosure).value
    return found


def _run(coroutine: Any) -> Any:
    """Run a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waits for something")


def live_parcels(land: Land) -> Iterator[Parcel]:
    """The parcels that are there and have not ended."""
    for subject, stream in land.streams.items():
        state = stream.state
        if subject.startswith("land_parcel:") and hasattr(state, "holdings") and state.standing.status == "live":
            yield stream
