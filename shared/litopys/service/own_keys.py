"""Whether a record on the sector's topic was really signed by the sector: under any key that it ever had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litopys.errors import Malformed
from litopys.event.cloudevents import format_source, parse_event
from litopys.event.lines import parse_line
from litopys.event.signatures import Claim, SignatureVerifier

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litopys.event.cloudevents import Event
    from litopys.event.signatures import SectorKey


class OwnKeys:
    """The keys of one sector of one network, whatever height they are in force at."""

    def __init__(self, keys: Iterable[SectorKey], *, origin: str, sector: str) -> None:
        self._keys: dict[tuple[str, bytes], tuple[SectorKey, bool]] = {}
        for key in keys:
            self._keys[key.name, key.plain_id] = (key, False)
            self._keys[key.name, key.batch_id] = (key, True)
        self._source = format_source(origin, sector)
        self._verifier = SignatureVerifier()

    def is_signed(self, value: bytes, line: bytes) -> bool:
        """Answer whether this line is a signature of ours over these bytes."""
        try:
            parsed = parse_line(line)
        except Malformed:
            return False
        found = self._keys.get((parsed.name, parsed.key_id))
        if found is None:
            return False
        key, is_batch = found
        return self._verifier.judge([Claim(value + b"\n", key, is_batch, parsed.blob)])[0]

    def own_event(self, value: bytes, line: bytes) -> Event | None:
        """Return the event if it is well-formed, of this network and sector, and signed by us; else None."""
        try:
            event = parse_event(value)
        except Malformed:
            return None
        return event if event.source == self._source and self.is_signed(value, line) else None
