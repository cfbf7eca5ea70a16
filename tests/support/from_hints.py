"""Hypothesis strategies of JSON values out of the hints that shapes are compiled from."""

import dataclasses
import functools
import types
import typing
from typing import Annotated, Any, Literal, TypeVar, Union

from hypothesis import strategies as st

from litopys.sourcing.constraints import Ascending, Between, Check, Count, MaxBytes, Pattern
from litopys.sourcing.personal import RANDOM_ID
from litopys.sourcing.shapes import wire_name

TEXT = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E) | st.sampled_from("їЄґ’№\n\t"), max_size=12)
INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
SCALARS = st.none() | st.booleans() | INTEGERS | TEXT
# Drawing long texts from an expression is slow, and which of them it is makes no difference.
POOLS = {
    RANDOM_ID: st.sampled_from([letter * 32 for letter in "0123456789abcdef"]),
    "[A-Za-z0-9_-]{43}": st.sampled_from([letter * 43 for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-"]),
    "[!-~]{1,200}": st.sampled_from(["a", "b@office", "x" * 200]),
}
OBJECTS = st.dictionaries(TEXT, SCALARS, max_size=3)


def json_of(hint: Any, variables: dict[Any, Any] | None = None) -> st.SearchStrategy[Any]:
    """Values in the JSON form of a hint."""
    variables = variables or {}
    hint = variables.get(hint, hint) if isinstance(hint, TypeVar) else hint
    leaves = {int: INTEGERS, str: TEXT, bool: st.booleans(), None: st.none(), type(None): st.none()}
    if hint in leaves:
        return leaves[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _constrained(arguments[0], arguments[1:], variables)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of(*[json_of(argument, variables) for argument in arguments])
    if origin is tuple:
        return st.lists(json_of(arguments[0], variables), max_size=3)
    if origin is dict:
        return OBJECTS
    return _record(origin or hint, arguments, variables)


@functools.cache
def _matching(expression: str) -> st.SearchStrategy[str]:
    return POOLS[expression] if expression in POOLS else st.from_regex(expression, fullmatch=True)


def _record(cls: Any, arguments: tuple[Any, ...], variables: dict[Any, Any]) -> st.SearchStrategy[Any]:
    own = dict(zip(getattr(cls, "__parameters__", ()), (variables.get(a, a) for a in arguments), strict=False))
    hints = typing.get_type_hints(cls, include_extras=True)
    names = [field.name for field in dataclasses.fields(cls)]
    parts = st.tuples(*[json_of(hints[name], own) for name in names])
    return parts.map(lambda values: dict(zip(map(wire_name, names), values, strict=True)))


def _constrained(hint: Any, constraints: tuple[Any, ...], variables: dict[Any, Any]) -> st.SearchStrategy[Any]:
    counts = [c for c in constraints if isinstance(c, Count)]
    if counts:
        least, most = counts[0].least, min(counts[0].most, counts[0].least + 3)
        items = json_of(typing.get_args(hint)[0], variables)
        if any(isinstance(c, Ascending) for c in constraints):
            return st.lists(items, min_size=least, max_size=most, unique_by=str).map(sorted)
        return st.lists(items, min_size=least, max_size=most)
    strategy: st.SearchStrategy[Any] = json_of(hint, variables)
    for constraint in constraints:
        if isinstance(constraint, Between):
            strategy = st.integers(constraint.low, constraint.high)
        elif isinstance(constraint, Pattern):
            strategy = _matching(constraint.expression)
        elif isinstance(constraint, Check):
            strategy = st.from_regex(str(constraint.keywords()["pattern"]).rstrip("$") + r"\Z")
    for constraint in constraints:
        if isinstance(constraint, MaxBytes | Check):
            strategy = strategy.filter(lambda value, c=constraint: c.refusal(value) is None)
    return strategy
