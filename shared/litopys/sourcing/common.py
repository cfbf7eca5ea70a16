"""What the events of all aggregates have in common: basis, place in an import, and events that no sector lacks.

sectors.md, "What every aggregate has". `recorded` is declared by each aggregate itself, since only it knows what else
a migrated object carries.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Generic, Literal, TypeVar

from litopys.sourcing.constraints import Ascending, Between, Count, MaxBytes, Pattern
from litopys.sourcing.moments import Moment
from litopys.sourcing.personal import Digest, DigestAlgorithm, RandomId

StateT = TypeVar("StateT")
PersonT = TypeVar("PersonT")

MOST_PROPOSALS: Final = 4
MOST_INCONSISTENCIES: Final = 16
SAFE_INTEGER: Final = 2**53 - 1

Positive = Annotated[int, Between(1, SAFE_INTEGER)]
NotNegative = Annotated[int, Between(0, SAFE_INTEGER)]
Code = Annotated[str, Pattern("[a-z][a-z0-9_-]{0,62}")]
Text = Annotated[str, MaxBytes(600, least=1)]
Actor = Annotated[str, Pattern("[!-~]{1,200}")]
Subject = Annotated[str, Pattern("[a-z][a-z0-9_]{0,62}:[A-Za-z0-9._:/-]{1,128}")]
Path = Annotated[str, Pattern("[a-z][a-z0-9_]*(?:/[A-Za-z0-9_]+)*"), MaxBytes(200)]


@dataclass(frozen=True, slots=True)
class Basis:
    """On what ground something was entered: the kind of document, the document, and when it was issued."""

    kind: Literal["application", "contract", "court", "enforcement", "succession", "law", "registrar", "migration"]
    document: Text
    issued: Moment | None


@dataclass(frozen=True, slots=True)
class Imported:
    """Place in an import: the import's id, the record's number from 1, and its byte offset in the file."""

    id: RandomId
    record: Positive
    offset: NotNegative


@dataclass(frozen=True, slots=True)
class Original:
    """A field of the source that the object itself does not hold, as the JSON text that stood there."""

    name: Annotated[str, MaxBytes(100, least=1)]
    text: Annotated[str, MaxBytes(40_000)]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that waits for a second person; `version` is that of the `proposed` event and names it."""

    version: Positive
    change: Code
    change_version: Positive
    digest: Digest
    actor: Actor
    approved: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What every state holds beside its own: whether the object lives, what is proposed, what it inherited."""

    status: Literal["live", "ended", "superseded"]
    proposals: Annotated[tuple[Proposal, ...], Count(0, MOST_PROPOSALS)]
    inconsistent: Annotated[tuple[Code, ...], Count(0, MOST_INCONSISTENCIES), Ascending()]


LIVE: Final = Standing("live", (), ())


@dataclass(frozen=True, slots=True)
class Corrected:
    """A clerical error put right: the field's path in the state, what stood there, what should have stood there."""

    field: Path
    old: int | str | bool | None
    new: int | str | bool | None
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Annulled(Generic[StateT, PersonT]):
    """Events undone from a version or a moment on, by a court or a registrar; carries the whole resulting state."""

    from_version: Positive | None
    from_moment: Moment | None
    by: Literal["court", "registrar"]
    basis: Basis
    state: StateT
    persons: Annotated[tuple[PersonT, ...], Count(0, 64)]
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Reinstated(Generic[StateT, PersonT]):
    """An ended, superseded or annulled object stands again; carries the whole resulting state."""

    by: Literal["court", "registrar"]
    basis: Basis
    state: StateT
    persons: Annotated[tuple[PersonT, ...], Count(0, 64)]
    sd_alg: DigestAlgorithm
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Superseded:
    """Two ids were one: this one is given up for another stream."""

    by: Subject
    basis: Basis
    imported: Imported | None


@dataclass(frozen=True, slots=True)
class Voided:
    """Fills the address of an event that the ledger refused; changes nothing, whatever the state."""

    reason: Code


@dataclass(frozen=True, slots=True)
class Proposed:
    """A change that needs four eyes, with all its data; named by the version of this event from then on."""

    change: Code
    change_version: Positive
    content: dict[str, object]


@dataclass(frozen=True, slots=True)
class Approved:
    """A second person agrees with a proposal."""

    proposal: Positive


COMMON_EVENTS: Final[dict[tuple[str, int], type]] = {
    ("corrected", 1): Corrected,
    ("superseded", 1): Superseded,
    ("voided", 1): Voided,
    ("proposed", 1): Proposed,
    ("approved", 1): Approved,
}
