"""Rows of a JSON file that is one list: each element with its place, read one at a time, its numbers kept as text."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from litopys.errors import Malformed
from litopys.exports.delimited import BYTE_ORDER_MARK
from litopys.exports.json_text import read_json
from litopys.exports.rows import Row
from litopys.exports.tokens import Token, Tokens

_NO_END: Final = "the file ends before its list does"
_SPACE: Final = b" \t\r\n"


def read_items(file: BinaryIO, *, number: int, offset: int) -> Iterator[Row]:
    """Yield the elements from an offset on, numbered from `number`; (1, 0) is the beginning of the file.

    Raises Malformed where the file is no list. An element that is no object, or cannot be read, is a row with its
    reason.
    """
    size = file.seek(0, os.SEEK_END)
    if offset > size:
        return  # an earlier run has seen the end
    begin = _begin(file)
    tokens = Tokens(file, max(offset, begin))
    while (token := tokens.next()) is not None:
        idle = token.between.strip(_SPACE)
        if idle not in (b"", b","):
            yield Row(number, token.begin - len(token.between), token.begin, idle, refusal="a bare value, no object")
            number += 1
        if token.text == b"]":
            yield from _trailing(tokens, number, size)
            return
        row = _item(tokens, token, number)
        if row.refusal == _NO_END:
            break
        yield row
        number += 1
    yield Row(number, size, size + 1, b"", refusal=_NO_END, is_cut=True)


def first_item(path: Path) -> dict[str, Any]:
    """Read the first element of a file, to tell what export it is; empty where it is none."""
    try:
        with path.open("rb") as file:
            row = next(read_items(file, number=1, offset=0), None)
    except (Malformed, OSError):
        return {}
    return row.value if row is not None and isinstance(row.value, dict) else {}


def count_items(path: Path) -> int | None:
    """Count the elements of a file by its brackets alone; None for another kind of file."""
    try:
        with path.open("rb") as file:
            tokens = Tokens(file, _begin(file))
            count = 0
            while (token := tokens.next()) is not None and token.text != b"]":
                count += 1
                if token.text in (b"{", b"[") and tokens.skip_value() is None:
                    break
    except (Malformed, OSError):
        return None
    return count


def _begin(file: BinaryIO) -> int:
    first = Tokens(file, 0).next()
    if first is None or first.text != b"[" or first.between.removeprefix(BYTE_ORDER_MARK).strip(_SPACE):
        raise Malformed("the file is no JSON list")
    return first.end


def _item(tokens: Tokens, first: Token, number: int) -> Row:
    tokens.keep_from(first.begin)
    end = tokens.skip_value() if first.text in (b"{", b"[") else first.end
    content = None if end is None else tokens.kept(end)
    tokens.keep_from(None)
    if end is None:
        return Row(number, first.begin, first.end, b"", refusal=_NO_END)
    if content is None:
        return Row(number, first.begin, end, b"", refusal="the record is too long")
    try:
        value = read_json(content)
    except Malformed as error:
        return Row(number, first.begin, end, content, refusal=str(error))
    refusal = None if isinstance(value, dict) else "no object"
    return Row(number, first.begin, end, content, value, refusal)


def _trailing(tokens: Tokens, number: int, size: int) -> Iterator[Row]:
    rest = tokens.rest().strip(_SPACE)
    if rest:
        yield Row(number, tokens.offset, size + 1, rest, refusal="what follows the list is not read")
