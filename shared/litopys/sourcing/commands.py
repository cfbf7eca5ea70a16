"""Commands that every aggregate takes, whatever it is about. What they amount to is decided in `deciding`."""

from dataclasses import dataclass
from typing import Any

from litopys.sourcing.common import Basis, Imported


@dataclass(frozen=True, slots=True, kw_only=True)
class Correct:
    """Put a clerical error right: the field's path in the state, what stands there, what should stand there."""

    field: str
    old: int | str | bool | None
    new: int | str | bool | None
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Annul:
    """Undo events from a version on, or from a moment on; a moment needs the resulting `state` to be given."""

    by: str
    basis: Basis
    from_version: int | None = None
    from_moment: str | None = None
    state: Any = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinstate:
    """Let an ended object live again, in its last state or in a given one."""

    by: str
    basis: Basis
    state: Any = None
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Supersede:
    """Give this stream id up for another: both were one object."""

    by: str
    basis: Basis
    imported: Imported | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """Agree with what another person proposed, by the version of its event; it takes effect at once."""

    proposal: int
