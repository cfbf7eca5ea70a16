"""The sectors' rules as an audit has them: through the catalogue where it is installed, else taken at their word."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Protocol

from litopys.errors import Malformed, RuleViolated, Unavailable
from litopys.event.cloudevents import format_event, parse_event, parse_type
from litopys.ledger.rejections import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from litopys.event.cloudevents import Event
    from litopys.ledger.blocks import Block
    from litopys.ledger.network import Network


class SectorRules(Protocol):
    """A sector's domain as admission and the stored states need it; `sourcing.Domain` answers."""

    def knows(self, aggregate: str, name: str, type_version: int, /) -> bool:
        """Answer whether an event type is known."""
        ...

    def evolve(self, state: Any, event: Event, /) -> Any:  # noqa: ANN401 -- the state is the domain's own
        """Return the state after an event; raises to refuse."""
        ...

    def encode_state(self, state: Any, /) -> bytes:  # noqa: ANN401 -- same
        """Return the bytes under which a state is stored."""
        ...

    def decode_state(self, aggregate: str, data: bytes, /) -> Any:  # noqa: ANN401 -- same
        """Read a state back."""
        ...


class AtTheirWord:
    """Stands in for rules that are not installed: refuses what was refused as `type` or `rule`, and nothing else.

    All other reasons, signatures, versions and citations are judged as ever; states stay unknown.
    """

    def __init__(self, sector: str) -> None:
        self._sector = sector
        self._unknown: set[tuple[str, str, int]] = set()
        self._refused: set[bytes] = set()

    def believe(self, refused: Iterable[tuple[str, bytes]]) -> None:
        """Take over reason and value of a block's refused records of this sector."""
        self._unknown, self._refused = set(), set()
        for reason, value in refused:
            if reason == Reason.RULE:
                self._refused.add(value)
            elif reason == Reason.TYPE:
                self._note_type(value)

    def knows(self, aggregate: str, name: str, type_version: int) -> bool:
        """Answer whether no record of the block was refused for this type."""
        return (aggregate, name, type_version) not in self._unknown

    def evolve(self, _state: object, event: Event) -> tuple[()]:
        """Keep no state; raises RuleViolated for what was refused."""
        if self._refused and format_event(event) in self._refused:
            raise RuleViolated("believed", "these rules are not installed")
        return ()

    def encode_state(self, _state: object) -> bytes:
        """Know no state."""
        return b""

    def decode_state(self, _aggregate: str, _data: bytes) -> tuple[()]:
        """Know no state."""
        return ()

    def _note_type(self, value: bytes) -> None:
        try:
            event = parse_event(value)
            sector, aggregate, name, version = parse_type(event.type)
        except Malformed:
            return
        if sector == self._sector and event.subject.startswith(f"{aggregate}:"):
            self._unknown.add((aggregate, name, version))


class RuleBook:
    """The rules in force by height; `missing` names those that are not installed."""

    def __init__(self, network: Network, load: Callable[[str, int], SectorRules] | None) -> None:
        self._network = network
        self._load = load
        self._known: dict[tuple[str, int], SectorRules | AtTheirWord] = {}
        self.missing: set[tuple[str, int]] = set()

    def at(self, block: Block) -> dict[str, SectorRules]:
        """Return the rules of the sectors of a block."""
        return {sector: self._rules(sector, block.height) for sector in {part.sector for part in block.ranges}}

    def is_missing(self, sector: str) -> bool:
        """Answer whether any version of a sector's rules that was in force is not installed."""
        return any(name == sector for name, _ in self.missing)

    def _rules(self, sector: str, height: int) -> SectorRules:
        key = sector, self._network.rules(sector, height)
        if key not in self._known:
            self._known[key] = self._find(*key)
        return self._known[key]

    def _find(self, sector: str, version: int) -> SectorRules:
        # Where an earlier version is missing no state is known, and later ones have nothing to go on from.
        if self._load is not None and not self.is_missing(sector):
            try:
                return self._load(sector, version)
            except Unavailable:
                pass
        self.missing.add((sector, version))
        return AtTheirWord(sector)


def installed_rules() -> Callable[[str, int], SectorRules] | None:
    """Find the catalogue of sectors by its entry point; None where only the library is installed."""
    for point in entry_points(group="litopys", name="catalogue"):
        try:
            load: Callable[[str, int], SectorRules] = point.load().load_domain
        except ModuleNotFoundError:
            return None
        return load
    return None
