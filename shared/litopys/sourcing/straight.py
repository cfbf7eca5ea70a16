"""Straight-line code for decoders and encoders of records and lists: a validator decodes every event of the country.

What is generated only accepts; whatever it does not accept goes to the plain decoder, which finds the reason and its
place. So the two cannot disagree on a value that is accepted, and a test compares them. Nothing of a value, and only
names of fields of our own classes, ever gets into the code.
"""

import dataclasses
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from litopys.errors import Malformed

Names = dict[str, object]
Condition = Callable[[str, Names], str]


@dataclass(frozen=True, slots=True)
class Step:
    """How one member is taken: `condition` is an expression over its value, or None; `decode` is what else it needs."""

    condition: Condition | None
    decode: Callable[[object], Any] | None


def bind(names: Names, thing: object) -> str:
    """Give a thing a name of its own in the code to be."""
    name = f"_{len(names)}"
    names[name] = thing
    return name


def record_decoder(
    cls: type, members: tuple[str, ...], steps: Sequence[Step], plain: Callable[[object], Any]
) -> Callable[[object], Any]:
    """Make a decoder of an object with exactly these members in this order."""
    names: Names = {}
    order, otherwise = bind(names, members), bind(names, plain)
    variables = [f"v{place}" for place in range(len(members))]
    conditions = [step.condition(v, names) for v, step in zip(variables, steps, strict=True) if step.condition]
    values = [
        v if step.decode is None else f"{bind(names, step.decode)}({v})"
        for v, step in zip(variables, steps, strict=True)
    ]
    lines = [
        "def decode(value):",
        f"    if type(value) is dict and tuple(value) == {order}:",
        f"        {', '.join(variables)}, = value.values()" if variables else "        pass",
        f"        if {' and '.join(conditions) or 'True'}:",
        "            try:",
        *(f"                {line}" for line in _making(cls, values, names)),
        "            except Malformed:",
        "                pass",
        f"    return {otherwise}(value)",
    ]
    return _made(lines, names, "decode")


def _making(cls: type, values: list[str], names: Names) -> list[str]:
    """Write how an instance is made: slot by slot, which a frozen class's own `__init__` does three times slower."""
    slots = [cls.__dict__.get(field.name) for field in dataclasses.fields(cls)]
    if hasattr(cls, "__post_init__") or not all(isinstance(slot, types.MemberDescriptorType) for slot in slots):
        return [f"return {bind(names, cls)}({', '.join(values)})"]
    setters = [bind(names, slot.__set__) for slot in slots if slot is not None]
    made = f"made = {bind(names, object.__new__)}({bind(names, cls)})"
    return [made, *(f"{setter}(made, {v})" for setter, v in zip(setters, values, strict=True)), "return made"]


def list_decoder(item: Step, whole: Sequence[Condition], plain: Callable[[object], Any]) -> Callable[[object], Any]:
    """Make a decoder of a list: of its items first, then of what is asked of the tuple of them."""
    names: Names = {}
    otherwise = bind(names, plain)
    taken = f"tuple([{bind(names, item.decode)}(item) for item in value])" if item.decode else "tuple(value)"
    looked_at = (
        ["    for item in value:", f"        if not ({item.condition('item', names)}):"] if item.condition else []
    )
    lines = [
        "def decode(value):",
        "    if type(value) is not list:",
        f"        return {otherwise}(value)",
        *looked_at,
        *([f"            return {otherwise}(value)"] if looked_at else []),
        "    try:",
        f"        made = {taken}",
        f"        if {' and '.join(condition('made', names) for condition in whole) or 'True'}:",
        "            return made",
        "    except Malformed:",
        "        pass",
        f"    return {otherwise}(value)",
    ]
    return _made(lines, names, "decode")


def record_encoder(
    fields: Sequence[str], members: Sequence[str], encoders: Sequence[Callable[[Any], object] | None]
) -> Callable[[Any], dict[str, object]]:
    """Make an encoder to an object; a field without an encoder goes as it is."""
    names: Names = {}
    parts = [
        f"{member!r}: value.{field}" if encode is None else f"{member!r}: {bind(names, encode)}(value.{field})"
        for field, member, encode in zip(fields, members, encoders, strict=True)
    ]
    return _made(["def encode(value):", f"    return {{{', '.join(parts)}}}"], names, "encode")


def _made(lines: list[str], names: Names, function: str) -> Callable[[Any], Any]:

    scope: dict[str, Any] = {**names, "Malformed": Malformed}
    exec("\n".join(lines), scope)  # noqa: S102 - made of our own field names alone
    made: Callable[[Any], Any] = scope[function]
    return made
