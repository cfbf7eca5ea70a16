"""Bodies of commands: `command` makes the domain's command, personal fields sealed. Every body has an example."""

import dataclasses
from types import new_class
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from litopys.errors import Malformed
from litopys.service.sealing import Sealing
from litopys.service.wire.parts import BasisPart, MomentText, NumberField, Part
from litopys.sourcing import commands as c
from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.common import Imported
from litopys.sourcing.shapes import shape_of

_COURT = {"kind": "court", "document": "рішення у справі 534/117/26", "issued": "2026-02-11"}
_STATE = Field(description="The state that results, as a query for a recorded time gives it")

Scalar = Annotated[str, Field(max_length=700)] | Annotated[int, Field(gt=-(2**53), lt=2**53)] | bool | None
StateField = Annotated[dict[str, Any], _STATE]


def example(**body: Any) -> ConfigDict:  # noqa: ANN401 - any JSON value
    """Give a body its example, as `model_config`."""
    return ConfigDict(json_schema_extra={"examples": [body]})


class Body(Part):
    """A command's body. `makes` is the domain's command, whose fields have the names of the body's."""

    makes: ClassVar[type[object]]

    def command(self, sealing: Sealing, imported: Imported | None = None) -> object:
        """Make the domain's command; `imported` says that it is migrated, and from where.

        Raises Malformed for a command that cannot be migrated.
        """
        given = {name: _plain(getattr(self, name), sealing) for name in type(self).model_fields}
        return self.makes(**given, **_mark(self.makes, imported))


class CorrectionBody(Body):
    """Propose that a clerical error is put right: path of the field, what stands, what should stand."""

    makes: ClassVar[type[object]] = c.Correct
    field: Annotated[str, Field(max_length=200, pattern=r"^[a-z][a-z0-9_]*(/[A-Za-z0-9_]+)*$")]
    old: Scalar
    new: Scalar
    basis: BasisPart


class CarryingBody(Body):
    """A body that may give the whole resulting state."""

    carries: ClassVar[type[Any]]
    by: Literal["court", "registrar"]
    basis: BasisPart
    state: StateField | None = None

    def command(self, sealing: Sealing, imported: Imported | None = None) -> object:
        """Make the domain's command; raises Malformed where the state is none. It names no new person."""
        del sealing
        given: dict[str, Any] = {name: _plain(getattr(self, name), None) for name in type(self).model_fields}
        if self.state is not None:
            given["state"] = _decode_state(self.carries, self.state)
        return self.makes(**given, **_mark(self.makes, imported))


class AnnulmentBody(CarryingBody):
    """Propose to undo everything from a version on, or from a moment on (then say what state results)."""

    makes: ClassVar[type[object]] = c.Annul
    from_version: NumberField | None = None
    from_moment: MomentText | None = None


class ReinstatementBody(CarryingBody):
    """Propose that what has ended lives again, as it was unless another state is given."""

    makes: ClassVar[type[object]] = c.Reinstate


class SupersessionBody(Body):
    """Propose that another stream takes this one's place: both were one object."""

    makes: ClassVar[type[object]] = c.Supersede
    by: str
    basis: BasisPart


class ApprovalBody(Body):
    """Agree with what another person proposed: it takes effect at once."""

    model_config = example(proposal=3)
    makes: ClassVar[type[object]] = c.Approve
    proposal: NumberField


def common_bodies(
    aggregate: Aggregate, *, key_pattern: str, key_example: str, correction: dict[str, Any]
) -> dict[str, type[Body]]:
    """Make the bodies of the commands that every aggregate has, by the command's name.

    `correction` is an example of field, old and new.
    """
    subject = Annotated[str, Field(pattern=f"^{aggregate.name}:(?:{key_pattern})$")]
    other = f"{aggregate.name}:{key_example}"
    return {
        "correct": _named(aggregate, CorrectionBody, {}, {**correction, "basis": _COURT}),
        "annul": _named(aggregate, AnnulmentBody, {}, {"from_version": 4, "by": "court", "basis": _COURT}),
        "reinstate": _named(aggregate, ReinstatementBody, {}, {"by": "court", "basis": _COURT}),
        "supersede": _named(aggregate, SupersessionBody, {"by": subject}, {"by": other, "basis": _COURT}),
        "approve": ApprovalBody,
    }


def _named(aggregate: Aggregate, base: type[Body], fields: dict[str, Any], body_example: dict[str, Any]) -> type[Body]:
    """Make an aggregate's own class of a common body, so that documents tell them apart."""
    prefix = "".join(part.capitalize() for part in aggregate.name.split("_"))
    members: dict[str, Any] = {
        "__module__": __name__,
        "__doc__": base.__doc__,
        "__annotations__": fields,
        "model_config": example(**body_example),
    }
    if issubclass(base, CarryingBody):
        members["carries"] = aggregate.state
    made: type[Body] = new_class(f"{prefix}{base.__name__}", (base,), {}, lambda body: body.update(members))
    return made


def _mark(command: type[Any], imported: Imported | None) -> dict[str, Imported]:
    """Give the mark of a migrated command; raises Malformed where the command has no place for it."""
    if imported is None:
        return {}
    if not any(field.name == "imported" for field in dataclasses.fields(command)):
        raise Malformed("this command is not migrated: its event would not say where it comes from")
    return {"imported": imported}


def _plain(value: Any, sealing: Sealing | None) -> Any:  # noqa: ANN401 - parts of every kind
    if isinstance(value, tuple):
        return tuple(_plain(item, sealing) for item in value)
    if hasattr(value, "seal"):
        return value.seal(sealing)
    return value.plain() if hasattr(value, "plain") else value


def _decode_state(kind: type[Any], given: dict[str, Any]) -> Any:  # noqa: ANN401 - the aggregate's own state
    try:
        return shape_of(kind).decode(given)
    except Malformed as error:
        raise Malformed(f"the state given is none: {error}") from error
