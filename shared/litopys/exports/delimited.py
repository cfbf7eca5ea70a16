"""Rows of a delimited text file: RFC 4180 with any delimiter, each record with its place, one at a time.

The record is split off by its bytes, quotes counted, so that its place and its raw bytes are exact; Python's `csv`
then reads its fields strictly. A byte-order mark at the beginning is passed over; lines may end in CRLF or LF.
"""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from litopys.errors import Malformed
from litopys.exports.rows import Row

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
MOST_RECORD_BYTES: Final = 1 << 20
_QUOTE: Final = b'"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Delimited:
    """One kind of file. `header`: whether the first record names the columns; else `columns` does."""

    delimiter: str
    header: bool = True
    columns: tuple[str, ...] = ()

    def rows(self, file: BinaryIO, *, number: int, offset: int) -> Iterator[Row]:
        """Yield the records from an offset on, their value a dict by column; (1, 0) is the beginning of the file.

        Raises Malformed where the header cannot be read. A record that is none is a row with its reason.
        """
        columns, first = self._columns(file)
        place = max(offset, first)
        if offset > file.seek(0, os.SEEK_END):
            return
        file.seek(place)
        for record in _records(file, place):
            yield self._row(record, columns, number)
            number += 1

    def first(self, path: Path) -> dict[str, str]:
        """Read a file's first record, to tell what export it is; empty where there is none."""
        try:
            with path.open("rb") as file:
                row = next(self.rows(file, number=1, offset=0), None)
        except (Malformed, OSError):
            return {}
        return row.value if row is not None and row.refusal is None else {}

    def count(self, path: Path) -> int | None:
        """Count the records of a file, the header left out; None where it cannot be read."""
        try:
            with path.open("rb") as file:
                _, first = self._columns(file)
                file.seek(first)
                return sum(1 for _ in _records(file, first))
        except (Malformed, OSError):
            return None

    def _columns(self, file: BinaryIO) -> tuple[Sequence[str], int]:
        """Give the columns, and where the records begin."""
        file.seek(0)
        start = len(BYTE_ORDER_MARK) if file.read(len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK else 0
        if not self.header:
            return self.columns, start
        file.seek(start)
        record = next(_records(file, start), None)
        if record is None:
            raise Malformed("the file has no header")
        if record.refusal is not None:
            raise Malformed(f"the header cannot be read: {record.refusal}")
        names = self._fields(record.content)
        if len(set(names)) != len(names):
            raise Malformed("a column stands twice in the header")
        return names, record.end

    def _row(self, record: Row, columns: Sequence[str], number: int) -> Row:
        if record.refusal is not None:
            return record._replace(number=number)
        try:
            fields = self._fields(record.content)
        except Malformed as error:
            return record._replace(number=number, refusal=str(error))
        if len(fields) != len(columns):
            refusal = f"{len(fields)} fields where the header has {len(columns)}"
            return record._replace(number=number, refusal=refusal)
        return record._replace(number=number, value=dict(zip(columns, fields, strict=True)))

    def _fields(self, content: bytes) -> list[str]:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Malformed(f"not UTF-8 at byte {error.start} of the record") from error
        try:
            read = list(csv.reader([text], delimiter=self.delimiter, strict=True))
        except csv.Error as error:
            raise Malformed(f"not a record: {error}") from error
        return read[0] if read else [""]


def _records(file: BinaryIO, place: int) -> Iterator[Row]:
    """Split off records at line ends outside quotes; blank lines stand between records and are none."""
    begin, size, lines, is_open = place, 0, list[bytes](), False
    # A piece is a line, or the next part of one that is too long to be kept.
    for line in iter(partial(file.readline, MOST_RECORD_BYTES), b""):
        size += len(line)
        is_open ^= line.count(_QUOTE) % 2 == 1
        if size <= MOST_RECORD_BYTES:
            lines.append(line)
        is_line_end = line.endswith(b"\n") or len(line) < MOST_RECORD_BYTES
        if not is_line_end or (is_open and size <= MOST_RECORD_BYTES):
            continue
        yield from _record(Row(0, begin, begin + size, b"".join(lines)), is_open=False)
        begin, size, lines, is_open = begin + size, 0, [], False
    if size:
        yield from _record(Row(0, begin, begin + size, b"".join(lines)), is_open=is_open)


def _record(row: Row, *, is_open: bool) -> Iterator[Row]:
    """Give what has been split off as the record that it is; nothing for a blank line."""
    if row.end - row.offset > MOST_RECORD_BYTES:
        yield row._replace(content=b"", refusal="the record is too long, or a quote has no end")
    elif is_open:
        yield row._replace(refusal="the file ends within quotes", is_cut=True)
    elif content := row.content.rstrip(b"\r\n"):
        yield row._replace(content=content)
