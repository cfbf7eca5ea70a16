"""Rows of a file of JSON lines: one value a line, numbers kept as text, one at a time. Blank lines are passed over."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from litopys.errors import Malformed
from litopys.exports.delimited import BYTE_ORDER_MARK
from litopys.exports.json_text import read_json
from litopys.exports.rows import Row

MOST_LINE_BYTES: Final = 1 << 22


def read_rows(file: BinaryIO, *, number: int, offset: int) -> Iterator[Row]:
    """Yield the values from an offset on, numbered from `number`; (1, 0) is the beginning of the file.

    A line that is no JSON, or too long to be one record, is a row with its reason.
    """
    if offset == 0:
        file.seek(0)
        offset = len(BYTE_ORDER_MARK) if file.read(len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK else 0
    file.seek(offset)
    while line := file.readline(MOST_LINE_BYTES):
        begin, offset = offset, offset + len(line)
        is_whole = len(line) < MOST_LINE_BYTES or line.endswith(b"\n")
        while not is_whole and line and not line.endswith(b"\n"):
            line = file.readline(MOST_LINE_BYTES)
            offset += len(line)
        content = line.strip() if is_whole else b""
        if content or not is_whole:
            yield _row(Row(number, begin, offset, content), is_whole=is_whole)
            number += 1


def first_value(path: Path) -> Any:  # noqa: ANN401 - any JSON value
    """Read a file's first value, to tell what export it is; None where it has none."""
    try:
        with path.open("rb") as file:
            row = next(read_rows(file, number=1, offset=0), None)
    except OSError:
        return None
    return row.value if row is not None else None


def count_rows(path: Path) -> int | None:
    """Count the lines that are not blank; None where the file cannot be read."""
    try:
        with path.open("rb") as file:
            return sum(1 for line in file if line.strip())
    except OSError:
        return None


def _row(row: Row, *, is_whole: bool) -> Row:
    if not is_whole:
        return row._replace(refusal="the line is too long to be one record")
    try:
        return row._replace(value=read_json(row.content))
    except Malformed as error:
        return row._replace(refusal=str(error))
