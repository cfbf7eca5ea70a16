"""Strict decoders and encoders between JSON values and frozen dataclasses, compiled once from type hints.

One fact has one form: every field is present and in the order of its class, nothing else is; what is absent is
`null`; nothing is coerced. So `encode(decode(x)) == x` byte for byte. Hints: int, str, bool, None, `Literal` of
texts, `X | None`, unions of plain scalars, unions of dataclasses that differ in their fields, `tuple[X, ...]`, other
dataclasses (generic ones too), `dict[str, object]` (any JSON object, kept as it is) and `Annotated` with constraints.
The fields `sd` and `sd_alg` are `_sd` and `_sd_alg` in JSON. See docs/adr/0002.
"""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, Literal, TypeVar, Union

from litopys.errors import Malformed
from litopys.sourcing.constraints import Constraint
from litopys.sourcing.straight import Condition, Names, Step, bind, list_decoder, record_decoder, record_encoder

T = TypeVar("T")
Decoder = Callable[[object], Any]

WIRE_NAMES: Final = {"sd": "_sd", "sd_alg": "_sd_alg"}
# 2^53 and more is not the same number in every JSON reader (formats.md, Event).
INTEGER_LIMIT: Final = 2**53

_compiled: Final[dict[Any, Any]] = {}


class ShapeMismatch(Malformed):
    """A value has not the shape asked for; `pointer` is the JSON Pointer to what is wrong, `reason` says why."""

    def __init__(self, reason: str, pointer: str = "") -> None:
        """Keep both; the offending value itself is never repeated, it may be personal."""
        super().__init__(f"{pointer or '/'} {reason}")
        self.reason = reason
        self.pointer = pointer


@dataclass(frozen=True, slots=True)
class Shape(Generic[T]):
    """How a type travels: `decode` is strict, `encode` gives plain JSON values, `schema` builds JSON Schema.

    `plain`: encoding is the identity. `condition`: where decoding is the identity too, the expression that accepts a
    value.
    """

    decode: Callable[[object], T]
    encode: Callable[[T], object]
    schema: Callable[[dict[str, object]], dict[str, object]]
    plain: bool
    condition: Condition | None = None
    items: Step | None = None  # of a list: how its items are taken


def shape_of(hint: Any) -> Shape[Any]:  # noqa: ANN401 - a type hint is any object
    """Compile a shape from a type hint, once per hint. Raises TypeError for a hint that has no one JSON form."""
    shape = _compiled.get(hint)
    if shape is None:
        shape = _compiled[hint] = _compile(hint, {})
    return shape


def wire_name(field: str) -> str:
    """Tell the name under which a field stands in JSON."""
    return WIRE_NAMES.get(field, field)


def _compile(hint: Any, variables: Mapping[Any, Any]) -> Shape[Any]:  # noqa: ANN401 - a type hint is any object
    hint = variables.get(hint, hint) if isinstance(hint, TypeVar) else hint
    if hint in _LEAVES:
        return _LEAVES[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _constrained(_compile(arguments[0], variables), [a for a in arguments[1:] if hasattr(a, "refusal")])
    if origin is Literal:
        return _literal(arguments)
    if origin in (Union, types.UnionType):
        return _union(arguments, variables)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _sequence(_compile(arguments[0], variables))
    if origin is dict and arguments == (str, object):
        return _OBJECT
    return _compile_dataclass(origin or hint, arguments, variables)


def _compile_dataclass(cls: Any, arguments: tuple[Any, ...], variables: Mapping[Any, Any]) -> Shape[Any]:  # noqa: ANN401
    if not (isinstance(cls, type) and dataclasses.is_dataclass(cls)):
        raise TypeError(f"{cls!r} has no one JSON form")
    own = dict(zip(getattr(cls, "__parameters__", ()), (variables.get(a, a) for a in arguments), strict=False))
    hints = typing.get_type_hints(cls, include_extras=True)
    parts = {field.name: _compile(hints[field.name], own) for field in dataclasses.fields(cls)}
    stands_for = getattr(cls, "__travels_as__", None)
    if stands_for is not None:
        return _stand_in(cls, stands_for, parts[stands_for])
    return _record(cls, parts)


def _exactly(kind: type, name: str) -> Decoder:
    def decode(value: object) -> object:
        if type(value) is kind:
            return value
        raise ShapeMismatch(f"is not {name}")

    return decode


def _decode_integer(value: object) -> int:
    if type(value) is int and -INTEGER_LIMIT < value < INTEGER_LIMIT:
        return value
    raise ShapeMismatch("is not an integer below 2^53")


def _decode_none(value: object) -> None:
    if value is not None:
        raise ShapeMismatch("is not null")


def _same(value: object) -> object:
    return value


def _says(**keywords: object) -> Callable[[dict[str, object]], dict[str, object]]:
    return lambda _definitions: dict(keywords)


def _accepts(expression: str) -> Condition:
    return lambda name, _names: expression.replace("$", name)


_OBJECT: Final = Shape(
    _exactly(dict, "an object"), _same, _says(type="object"), plain=True, condition=_accepts("type($) is dict")
)
_NONE: Final = Shape(_decode_none, _same, _says(type="null"), plain=True, condition=_accepts("$ is None"))
_LEAVES: Final[dict[object, Shape[Any]]] = {
    int: Shape(
        _decode_integer,
        _same,
        _says(type="integer"),
        plain=True,
        condition=_accepts(f"type($) is int and {-INTEGER_LIMIT} < $ < {INTEGER_LIMIT}"),
    ),
    str: Shape(
        _exactly(str, "a string"), _same, _says(type="string"), plain=True, condition=_accepts("type($) is str")
    ),
    bool: Shape(
        _exactly(bool, "a boolean"), _same, _says(type="boolean"), plain=True, condition=_accepts("type($) is bool")
    ),
    None: _NONE,
    type(None): _NONE,
}


def _constrained(inner: Shape[Any], constraints: list[Constraint]) -> Shape[Any]:
    refusals = [constraint.refusal for constraint in constraints]
    decode_inner, condition_inner = inner.decode, inner.condition

    def decode(value: object) -> object:
        decoded = decode_inner(value)
        for refusal in refusals:
            reason = refusal(decoded)
            if reason is not None:
                raise ShapeMismatch(reason)
        return decoded

    def schema(definitions: dict[str, object]) -> dict[str, object]:
        found = inner.schema(definitions)
        for constraint in constraints:
            found.update(constraint.keywords())
        return found

    def condition(name: str, names: Names) -> str:
        said = [condition_inner(name, names)] if condition_inner else []
        said += [constraint.condition(name, names) for constraint in constraints]
        return " and ".join(said)

    if inner.items:
        straight = list_decoder(inner.items, [constraint.condition for constraint in constraints], decode)
        return Shape(straight, inner.encode, schema, inner.plain)
    return Shape(decode, inner.encode, schema, inner.plain, condition if condition_inner else None)


def _literal(texts: tuple[object, ...]) -> Shape[Any]:
    if not all(type(text) is str for text in texts):
        raise TypeError("only texts are taken as literals")
    known = frozenset(texts)

    def decode(value: object) -> object:
        # A list or an object is not hashable, and True == 1: the type comes first.
        if type(value) is str and value in known:
            return value
        raise ShapeMismatch(f"is none of {', '.join(map(str, texts))}")

    def condition(name: str, names: Names) -> str:
        return f"type({name}) is str and {name} in {bind(names, known)}"

    return Shape(decode, _same, _says(type="string", enum=list(texts)), plain=True, condition=condition)


def _union(members: tuple[Any, ...], variables: Mapping[Any, Any]) -> Shape[Any]:
    others = [member for member in members if member is not type(None)]
    if len(others) == 1 and len(members) == 2:
        return _optional(_compile(others[0], variables))
    if all(dataclasses.is_dataclass(member) for member in members):
        return _one_of(members, variables)
    if not all(member in (int, str, bool, type(None)) for member in members):
        raise TypeError(f"a union of {members!r} has no one JSON form")
    by_type = {member: _LEAVES[member] for member in members}

    def decode(value: object) -> object:
        shape = by_type.get(type(value))
        if shape is None:
            raise ShapeMismatch("is of none of the types allowed")
        return shape.decode(value)

    names = [by_type[member].schema({})["type"] for member in members]
    return Shape(decode, _same, _says(type=names), plain=True)


def _one_of(kinds: tuple[Any, ...], variables: Mapping[Any, Any]) -> Shape[Any]:
    """Shape a value of one of several classes: its members tell which, so no two may have the same."""
    shapes = {kind: _compile(kind, variables) for kind in kinds}
    by_members = {tuple(wire_name(field.name) for field in dataclasses.fields(kind)): kind for kind in kinds}
    if len(by_members) < len(kinds):
        raise TypeError(f"classes of {kinds!r} have the same members")

    def decode(value: object) -> object:
        kind = by_members.get(tuple(value)) if type(value) is dict else None
        if kind is None:
            raise ShapeMismatch("has the members of none of the forms allowed")
        return shapes[kind].decode(value)

    def encode(value: Any) -> object:  # noqa: ANN401 - an instance of one of the classes
        return shapes[type(value)].encode(value)

    def schema(definitions: dict[str, object]) -> dict[str, object]:
        return {"anyOf": [shape.schema(definitions) for shape in shapes.values()]}

    return Shape(decode, encode, schema, plain=False)


def _optional(inner: Shape[Any]) -> Shape[Any]:
    def decode(value: object) -> object:
        return None if value is None else inner.decode(value)

    def encode(value: Any) -> object:  # noqa: ANN401 - whatever the inner shape holds
        return None if value is None else inner.encode(value)

    def schema(definitions: dict[str, object]) -> dict[str, object]:
        return {"anyOf": [inner.schema(definitions), {"type": "null"}]}

    def condition(name: str, names: Names) -> str:
        return f"({name} is None or {inner.condition(name, names)})" if inner.condition else "True"

    return Shape(decode, _same if inner.plain else encode, schema, inner.plain, condition if inner.condition else None)


def _sequence(inner: Shape[Any]) -> Shape[Any]:
    decode_item, encode_item = inner.decode, inner.encode

    def decode(value: object) -> object:
        if type(value) is not list:
            raise ShapeMismatch("is not a list")
        try:
            return tuple([decode_item(item) for item in value])
        except ShapeMismatch:
            raise _located(value, [(str(i), decode_item) for i in range(len(value))]) from None

    def encode(value: Any) -> object:  # noqa: ANN401 - whatever the inner shape holds
        return list(value) if inner.plain else [encode_item(item) for item in value]

    def schema(definitions: dict[str, object]) -> dict[str, object]:
        return {"type": "array", "items": inner.schema(definitions)}

    item = Step(inner.condition, None if inner.condition else decode_item)
    return Shape(list_decoder(item, [], decode), encode, schema, plain=False, items=item)


def _record(cls: type, parts: dict[str, Shape[Any]]) -> Shape[Any]:
    names = tuple(wire_name(name) for name in parts)
    decoders = [part.decode for part in parts.values()]
    steps = list(zip(names, decoders, strict=True))

    def decode(value: object) -> object:
        if type(value) is not dict or tuple(value) != names:
            raise ShapeMismatch(_wrong_members(value, names))
        try:
            return cls(*[step(item) for step, item in zip(decoders, value.values(), strict=True)])
        except ShapeMismatch:
            raise _located(list(value.values()), steps) from None

    def schema(definitions: dict[str, object]) -> dict[str, object]:
        if cls.__name__ not in definitions:
            definitions[cls.__name__] = {}  # stands in while its own parts are described
            definitions[cls.__name__] = {
                "type": "object",
                "description": (cls.__doc__ or "").strip().split("\n")[0],
                "properties": {wire_name(name): part.schema(definitions) for name, part in parts.items()},
                "required": list(names),
                "additionalProperties": False,
            }
        return {"$ref": f"#/$defs/{cls.__name__}"}

    condensed = [Step(part.condition, None) if part.condition else Step(None, part.decode) for part in parts.values()]
    encoders = [None if part.plain else part.encode for part in parts.values()]
    return Shape(
        record_decoder(cls, names, condensed, decode),
        record_encoder(list(parts), names, encoders),
        schema,
        plain=False,
    )


def _stand_in(cls: type, field: str, part: Shape[Any]) -> Shape[Any]:
    """Shape a class that travels as one of its fields alone, the others at their defaults."""
    return Shape(
        lambda value: cls(**{field: part.decode(value)}),
        lambda value: part.encode(getattr(value, field)),
        part.schema,
        plain=False,
    )


def _wrong_members(value: object, names: tuple[str, ...]) -> str:
    if type(value) is not dict:
        return "is not an object"
    missing = [name for name in names if name not in value]
    if missing:
        return f"lacks {', '.join(missing)}"
    if len(value) > len(names):
        return "has members that are not known"
    return f"has its members in another order than {', '.join(names)}"


def _located(values: list[object], steps: list[tuple[str, Decoder]]) -> ShapeMismatch:
    """Find again what failed, now with its place; only refusals pay for this."""
    for (name, decode), value in zip(steps, values, strict=True):
        try:
            decode(value)
        except ShapeMismatch as mismatch:
            escaped = name.replace("~", "~0").replace("/", "~1")
            return ShapeMismatch(mismatch.reason, f"/{escaped}{mismatch.pointer}")
    return ShapeMismatch("does not hold")
