"""Rows of a GeoJSON FeatureCollection: each feature with its place, read one at a time, its numbers kept as text.

A library for streamed JSON gives neither the place of a value nor the text of its numbers; both are needed here.
Whatever the file holds beside its features goes with each of them (`crs`) or is reported as a row that was refused.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from litopys.errors import Malformed
from litopys.exports.json_text import read_json, write_json
from litopys.exports.rows import Row
from litopys.exports.tokens import Token, Tokens

_MOST_HEADER_BYTES: Final = 1 << 16
_NO_END: Final = "the file ends before its list of features does"
_SPACE: Final = b" \t\r\n"
_CLOSING: Final = (b"}", b"]")
_OPENING: Final = (b"{", b"[")


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: its properties, its geometry, whatever else it has, and the reference system of its file."""

    properties: dict[str, Any]
    geometry: dict[str, Any] | None
    others: dict[str, Any]
    crs: str | None


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the features, and the offset at which they begin."""

    members: dict[str, Any]
    features_at: int

    @property
    def crs(self) -> str | None:
        """The reference system as the old GeoJSON member `crs` names it; None where nothing is said."""
        stated = self.members.get("crs")
        match stated:
            case None:
                return None
            case {"type": "name", "properties": {"name": str() as name}} if len(stated) == 2:
                return name
            case _:
                return write_json(stated)


def read_rows(file: BinaryIO, *, number: int, offset: int) -> Iterator[Row]:
    """Yield the features from an offset on, numbered from `number`; (1, 0) is the beginning of the file.

    Raises Malformed where the file is no FeatureCollection; a feature that cannot be read is a row with its reason.
    """
    size = file.seek(0, os.SEEK_END)
    if offset > size:
        return  # an earlier run has seen the end
    header = read_header(file)
    tokens = Tokens(file, max(offset, header.features_at))
    for row in _elements(tokens, header, number):
        number = row.number + 1
        if row.refusal == _NO_END:
            yield row._replace(end=size + 1)
            return
        yield row
    trailing = _trailing(tokens)
    if trailing is not None:
        where, text = trailing
        yield Row(number, where, size + 1, text, refusal="members after the features are not read")


def read_header(file: BinaryIO) -> Header:
    """Read what stands before the features; raises Malformed where there are none."""
    tokens = Tokens(file, 0)
    first = tokens.next()
    if first is None or first.text != b"{":
        raise Malformed("the file is no GeoJSON object")
    tokens.keep_from(first.begin)
    depth, before = 1, b""
    while depth and (token := tokens.next()) is not None and token.end < _MOST_HEADER_BYTES:
        if depth == 1 and before == b'"features"' and token.text == b"[" and token.between.strip(_SPACE) == b":":
            members = read_json((tokens.kept(token.end) or b"") + b"]}")
            del members["features"]
            return Header(members, token.end)
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        before = token.text
    raise Malformed("the file has no list of features near its beginning")


def first_properties(path: Path) -> dict[str, Any]:
    """Read the properties of a file's first feature, to tell what export it is; empty where it is none."""
    try:
        with path.open("rb") as file:
            row = next(read_rows(file, number=1, offset=0), None)
    except (Malformed, OSError):
        return {}
    return row.value.properties if row is not None and isinstance(row.value, Feature) else {}


def count_rows(path: Path) -> int | None:
    """Count the records of a file by its brackets alone, which takes a tenth of reading it; None for another kind."""
    try:
        with path.open("rb") as file:
            header = read_header(file)
            tokens = Tokens(file, header.features_at)
            count = 0
            while (token := tokens.next()) is not None and token.text != b"]":
                count += 1
                if token.text in _OPENING and tokens.skip_value() is None:
                    break
    except (Malformed, OSError):
        return None
    return count


def _elements(tokens: Tokens, header: Header, number: int) -> Iterator[Row]:
    """Yield what stands between the brackets of the list; returns behind its end."""
    end = tokens.offset
    while (token := tokens.next()) is not None:
        idle = token.between.strip(_SPACE)
        if idle not in (b"", b","):
            where = token.begin - len(token.between)
            yield Row(number, where, token.begin, idle, refusal="no feature, but a bare value")
            number += 1
        if token.text == b"]":
            return
        row = _element(tokens, token, header, number)
        yield row
        if row.refusal == _NO_END:
            return
        number, end = number + 1, row.end
    yield Row(number, end, end, b"", refusal=_NO_END, is_cut=True)


def _element(tokens: Tokens, first: Token, header: Header, number: int) -> Row:
    tokens.keep_from(first.begin)
    end = tokens.skip_value() if first.text in _OPENING else first.end
    content = None if end is None else tokens.kept(end)
    tokens.keep_from(None)
    if end is None:
        return Row(number, first.begin, first.end, b"", refusal=_NO_END, is_cut=True)
    if content is None:
        return Row(number, first.begin, end, b"", refusal="the record is too long to be one feature")
    try:
        return Row(number, first.begin, end, content, _feature(read_json(content), header))
    except Malformed as error:
        return Row(number, first.begin, end, content, refusal=str(error))


def _feature(value: Any, header: Header) -> Feature:  # noqa: ANN401 - any JSON value
    if not isinstance(value, dict) or value.get("type") != "Feature":
        raise Malformed("not a feature")
    properties, geometry = value.get("properties"), value.get("geometry")
    if not isinstance(properties, dict):
        raise Malformed("the feature has no properties")
    if geometry is not None and not isinstance(geometry, dict):
        raise Malformed("the geometry is neither an object nor null")
    others = {name: item for name, item in value.items() if name not in ("type", "properties", "geometry")}
    return Feature(properties, geometry, others, header.crs)


def _trailing(tokens: Tokens) -> tuple[int, bytes] | None:
    """Give the place and the text of whatever follows the list but the end of the collection."""
    rest = tokens.rest()
    text = rest.strip(_SPACE)
    if text in (b"", b"}"):
        return None
    return tokens.offset, text
