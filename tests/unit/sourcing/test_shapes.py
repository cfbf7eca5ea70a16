import json
from dataclasses import dataclass, replace
from typing import Annotated, Generic, Literal, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.sourcing.constraints import Ascending, Between, Check, Count, MaxBytes, Pattern
from litopys.sourcing.schemas import json_schema
from litopys.sourcing.shapes import ShapeMismatch, shape_of
from tests.support.from_hints import SCALARS, json_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Inner:
    """An inner thing."""

    number: Annotated[int, Between(1, 9)]
    sd: Annotated[tuple[Annotated[str, Pattern("[a-z]{2}")], ...], Count(1, 3), Ascending()]


@dataclass(frozen=True, slots=True)
class Outer(Generic[T]):
    """An outer thing."""

    text: Annotated[str, MaxBytes(8, least=1)]
    kind: Literal["a", "b"]
    flag: bool
    maybe: Inner | None
    some: tuple[T, ...]
    any: int | str | bool | None
    free: dict[str, object]
    even: Annotated[str, Check(lambda text: None if len(text) % 2 == 0 else "is odd", pattern="^(..)*$")]


OUTER = Outer[Inner]
GOOD = {
    "text": "їжак",
    "kind": "a",
    "flag": True,
    "maybe": None,
    "some": [{"number": 1, "_sd": ["aa", "bb"]}],
    "any": 5,
    "free": {"x": [1, None]},
    "even": "",
}


def test_what_is_decoded_is_typed_and_encodes_back():
    decoded = shape_of(OUTER).decode(GOOD)
    assert decoded.some == (Inner(1, ("aa", "bb")),)
    assert shape_of(OUTER).encode(decoded) == GOOD
    assert json.dumps(shape_of(OUTER).encode(decoded)) == json.dumps(GOOD)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"text": ""}, "/text"),
        ({"text": "їжачо"}, "/text"),
        ({"text": 5}, "/text"),
        ({"kind": "c"}, "/kind"),
        ({"kind": ["a"]}, "/kind"),
        ({"flag": 1}, "/flag"),
        ({"flag": None}, "/flag"),
        ({"maybe": {}}, "/maybe"),
        ({"maybe": {"number": 0, "_sd": ["aa"]}}, "/maybe/number"),
        ({"maybe": {"number": True, "_sd": ["aa"]}}, "/maybe/number"),
        ({"maybe": {"number": 1.0, "_sd": ["aa"]}}, "/maybe/number"),
        ({"maybe": {"number": 1, "_sd": []}}, "/maybe/_sd"),
        ({"maybe": {"number": 1, "_sd": ["bb", "aa"]}}, "/maybe/_sd"),
        ({"maybe": {"number": 1, "_sd": ["aa", "aa"]}}, "/maybe/_sd"),
        ({"maybe": {"number": 1, "_sd": ["aa", "b"]}}, "/maybe/_sd/1"),
        ({"maybe": {"number": 1, "_sd": ("aa",)}}, "/maybe/_sd"),
        ({"maybe": {"number": 1, "sd": ["aa"]}}, "/maybe"),
        ({"maybe": {"_sd": ["aa"], "number": 1}}, "/maybe"),
        ({"some": {}}, "/some"),
        ({"some": [{"number": 1, "_sd": ["aa"]}, None]}, "/some/1"),
        ({"any": []}, "/any"),
        ({"any": 2**53}, "/any"),
        ({"any": 1.5}, "/any"),
        ({"free": []}, "/free"),
        ({"even": "abc"}, "/even"),
        ({"more": 1}, ""),
    ],
)
def test_nothing_else_is_taken(change, pointer):
    with pytest.raises(ShapeMismatch) as refused:
        shape_of(OUTER).decode({**GOOD, **change})
    assert refused.value.pointer == pointer


@pytest.mark.parametrize("name", list(GOOD))
def test_no_field_may_lack(name):
    with pytest.raises(ShapeMismatch, match=f"lacks {name}"):
        shape_of(OUTER).decode({key: value for key, value in GOOD.items() if key != name})


def test_a_refusal_does_not_repeat_the_value():
    with pytest.raises(ShapeMismatch) as refused:
        shape_of(OUTER).decode({**GOOD, "text": "таємниця, довга"})
    assert "таємниця" not in str(refused.value)


@given(json_of(OUTER))
def test_what_has_the_shape_decodes_and_encodes_to_the_same_bytes(value):
    shape = shape_of(OUTER)
    assert json.dumps(shape.encode(shape.decode(value))) == json.dumps(value)


@given(json_of(OUTER), st.sampled_from(sorted(GOOD)), SCALARS | st.lists(SCALARS, max_size=2) | st.just(GOOD))
def test_whatever_decodes_encodes_to_what_it_was(value, name, other):
    changed = {**value, name: other}
    try:
        decoded = shape_of(OUTER).decode(changed)
    except ShapeMismatch:
        return
    assert json.dumps(shape_of(OUTER).encode(decoded)) == json.dumps(changed)


@pytest.mark.parametrize(
    "hint", [float, list[int], set[int], dict[str, int], Literal[1], int | Inner, bytes, tuple[int, str], object]
)
def test_hints_without_one_json_form_are_refused(hint):
    with pytest.raises(TypeError):
        shape_of(hint)


def test_instances_are_frozen_and_compare():
    one, other = shape_of(OUTER).decode(GOOD), shape_of(OUTER).decode(GOOD)
    assert one == other
    assert replace(one, flag=False) != other
    with pytest.raises(AttributeError):
        one.flag = False


def test_a_class_may_travel_as_one_field():
    @dataclass(frozen=True, slots=True)
    class Sealed:
        __travels_as__ = "plain"
        plain: Inner
        other: str = ""

    shape = shape_of(Sealed)
    assert shape.decode({"number": 1, "_sd": ["aa"]}) == Sealed(Inner(1, ("aa",)), "")
    assert shape.encode(Sealed(Inner(1, ("aa",)), "x")) == {"number": 1, "_sd": ["aa"]}


def test_json_schema_says_the_same():
    schema = json_schema(OUTER)
    assert schema["$ref"] == "#/$defs/Outer"
    outer, inner = schema["$defs"]["Outer"], schema["$defs"]["Inner"]
    assert outer["required"] == list(GOOD)
    assert outer["additionalProperties"] is False
    assert inner["properties"]["number"] == {"type": "integer", "minimum": 1, "maximum": 9}
    assert inner["properties"]["_sd"]["minItems"] == 1
    assert outer["properties"]["any"]["type"] == ["integer", "string", "boolean", "null"]


@dataclass(frozen=True, slots=True)
class Wide:
    """Another thing."""

    text: str
    number: int


def test_one_of_several_classes_is_told_by_its_members():
    shape = shape_of(Inner | Wide)
    for value in ({"number": 1, "_sd": ["aa"]}, {"text": "a", "number": 1}):
        assert shape.encode(shape.decode(value)) == value
    assert isinstance(shape.decode({"text": "a", "number": 1}), Wide)
    for wrong in ({"number": 1, "text": "a"}, {"text": "a"}, {"number": 0, "_sd": ["aa"]}, [], None, "text"):
        with pytest.raises(ShapeMismatch):
            shape.decode(wrong)
    assert len(json_schema(Inner | Wide)["anyOf"]) == 2


def test_classes_that_nothing_tells_apart_are_no_shape():
    @dataclass(frozen=True, slots=True)
    class Same:
        text: int
        number: int

    with pytest.raises(TypeError):
        shape_of(Wide | Same)
