"""Fields of persons as this sector holds them, for an importer that compares: an export is told apart from them.

Nothing is released by this: they do not leave the process, and no event says what was compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from litopys.event.disclosures import parse_disclosure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from litopys.postgres.pool import Connection, Pool

Held = dict[str, dict[str, object]]
"""Field name → value, by the id of the person in the stream."""

_DISCLOSURES = """
select subject, version, person, disclosure from disclosure
where subject = any($1::text[]) and disclosure is not null order by subject, version"""


class _Stored(NamedTuple):
    version: int
    person: str
    disclosure: str


class Disclosed(Protocol):
    """A disclosure, stored or about to be."""

    @property
    def version(self) -> int:
        """Return the version of the event that carries its digest."""

    @property
    def person(self) -> str:
        """Return whose it is."""

    @property
    def disclosure(self) -> str:
        """Return the disclosure itself."""


async def load_held(connection: Connection | Pool, subjects: Sequence[str]) -> dict[str, Held]:
    """Return what is held of the persons of streams, by stream id, with one query; erased fields are not there."""
    rows: dict[str, list[_Stored]] = {}
    for subject, version, person, disclosure in await connection.fetch(_DISCLOSURES, list(subjects)):
        rows.setdefault(subject, []).append(_Stored(version, person, disclosure))
    return {subject: held_of({}, found) for subject, found in rows.items()}


def held_of(before: Mapping[str, dict[str, object]], disclosures: Iterable[Disclosed]) -> Held:
    """Return what is held after further disclosures: a person told of again is what the latest event says."""
    held = dict(before)
    told: dict[str, int] = {}
    for one in disclosures:
        if told.get(one.person) != one.version:
            told[one.person] = one.version
            held[one.person] = {}
        parsed = parse_disclosure(one.disclosure)
        held[one.person][parsed.name] = parsed.value
    return held
