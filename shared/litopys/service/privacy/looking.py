"""Who looked: the accesses to an object's closed fields, told to the person themself or to who supervises.

The answer names officials, which is personal too: it goes out only to those entitled, and on the record like any other
access, under the field name `accesses`. It holds the disclosures themselves: whoever gets them can prove, with the
receipt of the access, what the ledger has recorded.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from litopys.errors import Malformed
from litopys.event.disclosures import digest, parse_disclosure
from litopys.postgres.sector_accesses import find_by_digest, list_accesses, list_fields, load_sealed
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_reading import load_disclosures
from litopys.service.privacy.access import Access, Purpose
from litopys.service.problems import Forbidden

if TYPE_CHECKING:
    from litopys.postgres.pool import Connection
    from litopys.postgres.sector_accesses import NamedField, RecordedAccess
    from litopys.service.sector import AggregateType
    from litopys.service.tokens import Caller

SUPERVISE = "supervise"
"""Grants the accesses to every object; `supervise:<aggregate>` to those of one kind."""
ACCESSES = "accesses"
"""Stands among the recorded fields of an access where the accesses themselves were shown."""
OWN = Purpose("the person", "who looked")

_NOT_NAMED = "neither the token's code nor a closed disclosure shows that the caller is a person of this object"


class Look(NamedTuple):
    """One access as it is told: `sealed` are its disclosures by name, None where erased, absent where lost."""

    access: RecordedAccess
    sealed: dict[str, str | None]


class Looks(NamedTuple):
    """Accesses in order of time, and the page that follows where there may be one."""

    items: list[Look]
    next: Page | None


class Page(NamedTuple):
    """Which part of the accesses is asked for: after one of them (empty: from the first), so many at most.

    `before` is the access that the first page was recorded as: each page is recorded, and pages would never end.
    """

    after: str
    before: str
    limit: int

    def before_or(self, recorded_as: Address) -> Page:
        """Give the page with its end: this access, where it is the first page."""
        return self if self.before else self._replace(before=recorded_as.subject)


@dataclass(frozen=True, slots=True)
class Looking:
    """Tells who looked, through the same door as every other access."""

    access: Access

    async def own(
        self, aggregate: AggregateType, key: str, *, caller: Caller, disclosure: str | None, page: Page
    ) -> tuple[Address, Looks]:
        """Tell a person who looked at their fields: who is named by the token's code, or shows a closed disclosure.

        Raises Forbidden for who is neither, NotFound, Malformed for what is no disclosure, Unavailable.
        """
        shown = None if disclosure is None else digest_of(disclosure)

        async def read(connection: Connection, at: Address, recorded_as: Address) -> Looks:
            persons = await _persons_of(connection, at, aggregate=aggregate, caller=caller, shown=shown)
            if not persons:
                raise Forbidden(_NOT_NAMED)
            fields = [one for one in await list_fields(connection, at.subject) if one.person in persons]
            return await _looks(connection, at.subject, page.before_or(recorded_as), fields=fields)

        subject = f"{aggregate.name}:{key}"
        return await self.access.on_record(subject, caller=caller, purpose=OWN, fields=(ACCESSES,), read=read)

    async def supervised(
        self, aggregate: AggregateType, key: str, *, caller: Caller, purpose: Purpose, page: Page
    ) -> tuple[Address, Looks]:
        """Tell a supervisory officer all accesses to an object. Raises Forbidden, NotFound, Unavailable."""
        if caller.scopes.isdisjoint({SUPERVISE, f"{SUPERVISE}:{aggregate.name}"}):
            raise Forbidden(f"the token does not grant {SUPERVISE}")

        async def read(connection: Connection, at: Address, recorded_as: Address) -> Looks:
            return await _looks(connection, at.subject, page.before_or(recorded_as), fields=None)

        subject = f"{aggregate.name}:{key}"
        return await self.access.on_record(subject, caller=caller, purpose=purpose, fields=(ACCESSES,), read=read)


def digest_of(disclosure: str) -> str:
    """Compute the digest of what must be a disclosure. Raises Malformed."""
    parse_disclosure(disclosure)
    return digest(disclosure)


async def _persons_of(
    connection: Connection, at: Address, *, aggregate: AggregateType, caller: Caller, shown: str | None
) -> set[str]:
    """Return the ids under which the caller stands in an object."""
    persons = set()
    if shown is not None:
        found = await find_by_digest(connection, at.subject, shown)
        # An open disclosure is served to everybody: it shows nothing of who holds it.
        if found is not None and not found[1]:
            persons.add(found[0])
    if caller.code is not None:
        names = {name for name, field in aggregate.personal.items() if field.identifies}
        for one in await load_disclosures(connection, at.subject, up_to=at.version):
            if one.name in names and one.disclosure and parse_disclosure(one.disclosure).value == caller.code:
                persons.add(one.person)
    return persons


async def _looks(connection: Connection, subject: str, page: Page, *, fields: Sequence[NamedField] | None) -> Looks:
    """Read a page of accesses; with `fields`, only those that may have shown one of them."""
    found = await list_accesses(connection, subject, after=page.after, before=page.before, limit=page.limit)
    sealed = await load_sealed(connection, [one.access for one in found])
    looks = [Look(one, sealed[one.access]) for one in found]
    items = [look for look in looks if fields is None or _touches(look, fields)]
    return Looks(items, page._replace(after=found[-1].access) if len(found) == page.limit else None)


def _touches(look: Look, fields: Collection[NamedField]) -> bool:
    """Tell whether an access may have shown one of these fields; one whose fields nobody knows any more may have."""
    disclosed = look.sealed.get("fields")
    if disclosed is None:
        return True
    named = _texts(disclosed)
    if ACCESSES in named:
        return True
    return any(one.name in named and one.version <= look.access.version for one in fields)


def _texts(disclosure: str) -> frozenset[str]:
    value = parse_disclosure(disclosure).value
    if not isinstance(value, list):
        raise Malformed("an access whose fields are no list")
    return frozenset(map(str, value))
