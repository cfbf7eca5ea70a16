"""Releasing disclosures: open ones to all, closed ones only after the access is on the record (I11).

The order is always the same: do the fields exist, may the caller see each of them, can it be recorded; then the record
and the reading in one transaction, and nothing leaves before its commit. An erasure of the same stream waits for that
commit, or this reading waits for the erasure: a value is never shown after it was erased.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from litopys.postgres.pool import durable_step, failures
from litopys.postgres.sector_append import append
from litopys.postgres.sector_changes import Address
from litopys.postgres.sector_erasing import lock_showing
from litopys.postgres.sector_reading import load_disclosures, load_stream
from litopys.service.problems import Forbidden, NotFound
from litopys.service.writing import Stream
from litopys.sourcing.reach import check_fields_known
from litopys.steps import Step, pass_on

if TYPE_CHECKING:
    from litopys.postgres.pool import Connection, Pool
    from litopys.postgres.sector_reading import StoredDisclosure
    from litopys.service.sealing import PersonalField
    from litopys.service.sector import AggregateType, Frame
    from litopys.service.tokens import Caller
    from litopys.service.writing import Writer
    from litopys.steps import Passing

SCOPE = "disclose"
"""What a token grants: `disclose` every closed field, `disclose:<aggregate>` those of one kind of object,
`disclose:<aggregate>.<field>` one of these, `disclose:<subject>` those of one object, `disclose:<subject>#<field>` one.
"""
ACTOR = "service"
"""Stands in the event of an access: who looked is sealed in it, and must not be told by the actor either."""


T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Read(Protocol[T_co]):
    """What is read of an object once the access to it is on record."""

    async def __call__(self, connection: Connection, at: Address, recorded_as: Address, /) -> T_co:
        """Read in the transaction that records the access, up to where the object's stream stands."""


class Purpose(NamedTuple):
    """In which office somebody asks, and why: goes on the record, sealed."""

    office: str
    why: str


@dataclass(frozen=True, slots=True)
class Access:
    """Releases disclosures of one sector. `check_open` raises Unavailable while nothing can be recorded."""

    pool: Pool
    writer: Writer
    frame: Frame
    check_open: Callable[[], Awaitable[None]]
    passing: Passing = pass_on

    async def open_fields(self, subject: str) -> list[StoredDisclosure]:
        """Return what the law publishes of an object. Raises NotFound; Unavailable before erasures are caught up."""
        await self.check_open()
        with failures():
            disclosures = await load_disclosures(self.pool, subject, up_to=await _version(self.pool, subject))
        return [one for one in disclosures if one.is_open]

    async def release(
        self, aggregate: AggregateType, key: str, *, caller: Caller, purpose: Purpose, fields: Collection[str]
    ) -> tuple[Address, list[StoredDisclosure]]:
        """Record the access, and when that is committed, return the fields asked for and the event's address.

        Recorded is what was asked for, whether the object has it or not. Raises RuleViolated for a field that such
        objects never have, Forbidden, NotFound; Unavailable or Conflict where it cannot be recorded. Then nothing was
        released, and nothing recorded.
        """
        check_fields_known(fields, aggregate.personal)
        subject = f"{aggregate.name}:{key}"
        check_granted(subject, fields, personal=aggregate.personal, caller=caller)

        async def read(connection: Connection, at: Address, _recorded_as: Address) -> list[StoredDisclosure]:
            found = await load_disclosures(connection, at.subject, up_to=at.version)
            return [one for one in found if one.name in fields]

        return await self.on_record(subject, caller=caller, purpose=purpose, fields=fields, read=read)

    async def on_record(
        self, subject: str, *, caller: Caller, purpose: Purpose, fields: Collection[str], read: Read[T]
    ) -> tuple[Address, T]:
        """Record that `fields` of an object are shown, read them in the same transaction, and return both after it.

        Raises NotFound, Unavailable, Conflict, and what `read` raises: then nothing was recorded either.
        """
        await self.check_open()
        async with durable_step(self.pool, Step.ON_RECORD, self.passing) as connection:
            await lock_showing(connection, subject)
            at = Address(subject, await _version(connection, subject))
            recorded_as = await self._record(connection, at, caller=caller, purpose=purpose, fields=fields)
            found = await read(connection, at, recorded_as)
        return recorded_as, found

    async def _record(
        self, connection: Connection, at: Address, *, caller: Caller, purpose: Purpose, fields: Collection[str]
    ) -> Address:
        sealing = self.writer.sealing()
        asked = {
            "who": caller.actor,
            **purpose._asdict(),
            "fields": sorted(set(fields)),
            **at._asdict(),
        }
        decided = self.frame.access_recorded(asked, sealing)
        stream = Stream(f"{self.writer.sector}_access:{sealing.new_id()}", 0, None)
        change, _ = self.writer.change(stream, [decided], actor=ACTOR, sealing=sealing)
        await append(connection, [change])
        return Address(stream.subject, 1)


def check_granted(
    subject: str, fields: Collection[str], *, personal: Mapping[str, PersonalField], caller: Caller
) -> None:
    """Check that a token grants each of these fields, open ones aside. Raises Forbidden, naming the first it lacks."""
    aggregate = subject.partition(":")[0]
    if not caller.scopes.isdisjoint({SCOPE, f"{SCOPE}:{aggregate}", f"{SCOPE}:{subject}"}):
        return
    for name in sorted(fields):
        granting = {f"{SCOPE}:{aggregate}.{name}", f"{SCOPE}:{subject}#{name}"}
        if not personal[name].is_open and caller.scopes.isdisjoint(granting):
            raise Forbidden(f"the token does not grant {SCOPE}:{aggregate}.{name}")


async def _version(connection: Connection | Pool, subject: str) -> int:
    stored = await load_stream(connection, subject)
    if stored is None:
        raise NotFound("there is no such object")
    return stored.version
