"""Any stream of any sector driven as the service drives it: decided, formatted, parsed, evolved; without a database.

    stream = Driven(DOMAINS[1], DECIDER, "archive_file:7", seed=1)
    stream.do(c.Open(title="…"))                     # names of the events
    stream.both(common.Correct(…))                   # one proposes, another approves
    with refused("already-lent"):                    # this is how a rule's test is found: by the literal code
        stream.do(c.Lend(…))

For stories: `frame_stories(domain)` tells those of imports, accesses, erasures and holds;
`keep_busy(stream, anything, count)` and `busy_frame(domain, aggregate, count)` give the facts of a stream that is never
left in peace.
"""

import hashlib
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from litopys.errors import RuleViolated
from litopys.event.cloudevents import Event, EventType, format_event, format_type, parse_event
from litopys.service.sealing import Sealing
from litopys.sourcing import commands as common
from litopys.sourcing.common import Approved, Basis, Imported, Proposed, Voided
from litopys.sourcing.context import Context
from litopys.sourcing.deciding import Decider, fact_of
from litopys.sourcing.domains import Domain
from litopys.sourcing.erasures import AskErasure, DeclineErasure, Erase, erasure_decider
from litopys.sourcing.facts import Decided, Fact
from litopys.sourcing.frame import StandardFrame
from litopys.sourcing.holds import AskHold, DeclineHold, Impose, Lift, hold_decider
from litopys.sourcing.reach import Reach

CONTRACT = Basis("contract", "договір 1482", "2026-02-27")
COURT = Basis("court", "рішення у справі 534/117/26", "2026-02-11")
IMPORTED = Imported("a" * 32, 1, 0)
ONE, TWO, THREE = "person:one@office", "person:two@office", "person:three@office"
NOW = "2026-11-23T10:00:00.000Z"
MOST_REFUSALS = 1_000


def refused(code: str):
    """Expect that a rule refuses. Write the code as a literal: the README links a rule to the test that names it."""
    return pytest.raises(RuleViolated, match=rf"^{code}(?:$|:)")


def sealing(seed: int = 0) -> Sealing:
    """Draw the same salts and ids for the same seed."""
    return Sealing(random.Random(seed).randbytes)


class Driven:
    """One stream: `do` decides and evolves, `agree` has a second person approve what was proposed last."""

    def __init__(self, domain: Domain, decider: Decider | None, subject: str, *, seed: int = 0):
        self.domain = domain
        self.decider = decider
        self.subject = subject
        self.sealing = sealing(seed)
        self.state: Any = None
        self.events: list[Event] = []

    @property
    def version(self) -> int:
        return len(self.events)

    @property
    def facts(self) -> list[Fact]:
        return [self.domain.fact(event) for event in self.events]

    def do(self, command: object, actor: str = ONE, time: str = NOW) -> list[str]:
        """Decide on a command and take its events in; gives their names."""
        wanted = [version for version in self.decider.facts_needed(command) if version <= self.version]
        facts = {version: self.domain.fact(self.events[version - 1]) for version in wanted}
        context = Context(subject=self.subject, version=self.version, actor=actor, time=time, facts=facts)
        return [self.take(one, actor, time) for one in self.decider.decide(command, self.state, context)]

    def agree(self, actor: str = TWO) -> list[str]:
        """Approve what was proposed last."""
        return self.do(common.Approve(proposal=self.version), actor)

    def both(self, command: object) -> None:
        """Propose by one, approve by the other."""
        assert self.do(command) == ["proposed"]
        assert self.agree()[0] == "approved"

    def take(self, decided: Decided, actor: str = ONE, time: str = NOW) -> str:
        """Append an event as it is, by way of its bytes; the ledger rules alone are asked."""
        event = parse_event(format_event(self.event(decided, actor, time)))
        self.state = self.domain.evolve(self.state, event)
        self.events.append(event)
        return decided.name

    def void(self) -> None:
        """Fill an address as the service does after a rejection."""
        self.take(Decided("voided", 1, Voided("rule")))

    def event(self, decided: Decided, actor: str = ONE, time: str = NOW) -> Event:
        """Give a decided fact the form that it would have as the stream's next event."""
        aggregate, sector = self.subject.partition(":")[0], self.domain.sector
        unique = hashlib.sha256(f"{self.subject}@{self.version + 1}".encode()).hexdigest()
        name, type_version = decided.name, decided.type_version
        return Event(
            id=f"{unique[:8]}-{unique[8:12]}-7{unique[13:16]}-8{unique[17:20]}-{unique[20:32]}",
            source=f"https://litopys.example/test/{sector}",
            type=format_type(EventType(sector, aggregate, name, type_version)),
            subject=self.subject,
            streamversion=self.version + 1,
            time=time,
            actor=actor,
            cites=decided.cites,
            dataschema=f"https://litopys.example/test/{sector}/schemas/{aggregate}.{name}.v{type_version}",
            data=self.domain.encode_data(self.subject, decided),
        )


def frame_stories(domain: Domain) -> dict[str, Driven]:
    """Tell the stories of the streams that frame what every sector does, by name."""
    return {
        "import": _import(domain),
        "access": _access(domain),
        "search": _search(domain),
        "erasure": _erasure(domain),
        "erasure-declined": _erasure_declined(domain),
        "hold": _hold(domain),
        "hold-declined": _hold_declined(domain),
    }


def busy_frame(domain: Domain, aggregate: str, count: int) -> Iterator[Fact]:
    """Give `count` facts of such a stream; its own events are few, the rest are voided."""
    told = frame_stories(domain).values()
    stream = next(one for one in told if one.subject.startswith(f"{aggregate}:"))
    yield from stream.facts
    for version in range(stream.version + 1, count + 1):
        yield stream.facts[0]._replace(version=version, name="voided", data=Voided("rule"))


def keep_busy(stream: Driven, anything: Callable[[random.Random, str], object], count: int, *, seed: int = 5):
    """Give `count` facts of a stream that has begun, by commands drawn at random: whatever the rules allow.

    `anything(draw, on)` makes a command for a day; days go on from 1950 for a lifetime and then begin again. Proposals
    are approved by the way. Fails where so many commands in a row are refused that the stream has come to its end.
    """
    draw, day, refusals, proposed = random.Random(seed), 0, 0, {}
    yield from stream.facts
    version = stream.version
    while version < count:
        day += draw.randrange(2)
        on = f"{1950 + day // 336 % 76:04}-{day // 28 % 12 + 1:02}-{day % 28 + 1:02}"
        is_approved = stream.state.standing.proposals and draw.random() < 0.3
        command = (
            common.Approve(proposal=stream.state.standing.proposals[-1].version) if is_approved else anything(draw, on)
        )
        context = Context(
            subject=stream.subject,
            version=version,
            actor=(TWO if is_approved else ONE) * 11,
            time=f"{on}T23:59:59.000Z",
            facts=proposed,
        )
        try:
            for decided in stream.decider.decide(command, stream.state, context):
                fact = fact_of(decided, context)._replace(version=version + 1)
                stream.state = stream.domain.apply(stream.state, fact)
                version += 1
                if fact.name == "proposed":
                    proposed[version] = fact
                yield fact
            refusals = 0
        except RuleViolated as refusal:
            refusals += 1
            if refusals == MOST_REFUSALS:
                refusal.add_note(f"after {version} events, nothing was allowed any more")
                raise


def _import(domain: Domain) -> Driven:
    stream = Driven(domain, None, f"{domain.sector}_import:{'a' * 32}", seed=30)
    opening = {
        "authority": "Держатель реєстру",
        "basis": "наказ 1",
        "as_of": "2021-11-03",
        "register": "An old register",
        "records": 5,
        "mapping_version": 1,
        "file_digest": "A" * 43,
        "personal": True,
    }
    stream.take(StandardFrame().import_opened(opening, stream.sealing))
    closed = StandardFrame().import_closed({"read": 5, "admitted": 3, "merged": 1, "refused": 1})
    content = domain.encode_data(stream.subject, closed)
    stream.take(Decided("proposed", 1, Proposed("closed", 1, content)), ONE)
    stream.take(Decided("approved", 1, Approved(2)), TWO)
    stream.take(closed, TWO)
    stream.void()
    return stream


def _access(domain: Domain) -> Driven:
    stream = Driven(domain, None, f"{domain.sector}_access:{'b' * 32}", seed=31)
    asked = {
        "who": "person:one@office",
        "office": "нотаріус",
        "why": "посвідчення договору",
        "fields": ["name"],
        "subject": f"{next(iter(domain.aggregates))}:1",
        "version": 3,
    }
    stream.take(StandardFrame().access_recorded(asked, stream.sealing))
    stream.void()
    return stream


def _search(domain: Domain) -> Driven:
    stream = Driven(domain, None, f"{domain.sector}_access:{'c' * 32}", seed=32)
    asked = {
        "who": "person:one@office",
        "office": "нотаріус",
        "why": "спадкова справа",
        "field": "code",
        "value": "2000000012",
        "aggregate": next(iter(domain.aggregates)),
    }
    stream.take(StandardFrame().search_recorded(asked, stream.sealing))
    return stream


def _reach(domain: Domain, person: str | None = "0f8fad5bd9cb469fa16570867728950e") -> Reach:
    return Reach(f"{next(iter(domain.aggregates))}:1", person, ("address", "name"))


def _erasure_asked(domain: Domain, name: str) -> Driven:
    stream = Driven(domain, erasure_decider(domain.sector), f"{domain.sector}_erasure:{name * 32}")
    stream.do(AskErasure(reach=_reach(domain), up_to=3, basis=CONTRACT))
    return stream


def _erasure(domain: Domain) -> Driven:
    stream = _erasure_asked(domain, "d")
    stream.void()
    stream.both(Erase())
    return stream


def _erasure_declined(domain: Domain) -> Driven:
    stream = _erasure_asked(domain, "e")
    stream.do(DeclineErasure(basis=COURT))
    return stream


def _hold_asked(domain: Domain, name: str) -> Driven:
    stream = Driven(domain, hold_decider(domain.sector), f"{domain.sector}_hold:{name * 32}")
    stream.do(AskHold(reach=_reach(domain, None), basis=COURT))
    return stream


def _hold(domain: Domain) -> Driven:
    stream = _hold_asked(domain, "f")
    stream.both(Impose())
    stream.void()
    stream.both(Lift(basis=COURT))
    return stream


def _hold_declined(domain: Domain) -> Driven:
    stream = _hold_asked(domain, "0")
    stream.do(DeclineHold(basis=CONTRACT))
    return stream
