"""Elements of a big XML file, one at a time, each with its byte offset and its raw bytes.

The parser is expat: no external entity is fetched, and a document that declares entities of its own is refused, since
they can be made to fill any memory. Reading that begins again parses what stands before for its context, and skips it.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final
from xml.parsers import expat

from litopys.errors import Malformed
from litopys.exports.rows import Row

CHUNK_BYTES: Final = 1 << 18
MOST_ELEMENT_BYTES: Final = 1 << 22


@dataclass(slots=True)
class Element:
    """An element: name, attributes, text between its tags, elements within in their order."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def child(self, name: str) -> "Element | None":
        """Give the first element within of a name, None where there is none."""
        return next((child for child in self.children if child.name == name), None)


def read_elements(file: BinaryIO, name: str, *, number: int, offset: int) -> Iterator[Row]:
    """Yield the elements of a name from an offset on, their value an `Element`; (1, 0) is the beginning of the file.

    Raises Malformed where the file is no XML before its first such element. What is no XML later is a row with its
    reason, and the last one.
    """
    size = file.seek(0, os.SEEK_END)
    if offset > size:
        return
    splitter = _Splitter(file, name, offset)
    for row in splitter.rows():
        yield row._replace(number=number)
        number += 1


class _Splitter:
    """Follows the parser through the file and keeps the bytes of the element that is being read, and no others."""

    def __init__(self, file: BinaryIO, name: str, offset: int) -> None:
        self._file = file
        self._name = name
        self._offset = offset
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.EntityDeclHandler = _refuse_entity
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._open: list[Element] = []
        self._begin = 0
        self._buffer = b""
        self._buffer_at = 0
        self._ready: list[Row] = []

    def rows(self) -> Iterator[Row]:
        """Parse to the end."""
        self._file.seek(0)
        try:
            while chunk := self._file.read(CHUNK_BYTES):
                self._buffer += chunk
                self._parser.Parse(chunk, False)
                yield from self._take()
                self._forget()
            self._parser.Parse(b"", True)
        except (expat.ExpatError, Malformed) as error:
            yield from self._take()
            at = self._begin if self._open else self._parser.CurrentByteIndex
            if not self._begin:
                raise Malformed(f"not XML: {error}") from error
            end = self._file.seek(0, os.SEEK_END) + 1
            yield Row(0, at, end, b"", refusal=f"not XML: {error}", is_cut=True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open and name != self._name:
            return
        element = Element(name, attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._begin = self._parser.CurrentByteIndex
        self._open.append(element)

    def _characters(self, text: str) -> None:
        if self._open:
            self._open[-1].text += text

    def _end(self, _name: str) -> None:
        if not self._open:
            return
        element = self._open.pop()
        if not self._open:
            end = self._end_of(element)
            content = self._buffer[self._begin - self._buffer_at : end - self._buffer_at]
            self._ready.append(Row(0, self._begin, end, content, element))

    def _end_of(self, element: Element) -> int:
        """Find where an element's bytes end: expat stands before a closing tag, but behind an empty element."""
        at = self._parser.CurrentByteIndex
        is_bare = not element.children and not element.text
        if is_bare and self._buffer[: at - self._buffer_at].endswith(b"/>"):
            return at
        return self._buffer.index(b">", at - self._buffer_at) + 1 + self._buffer_at

    def _take(self) -> Iterator[Row]:
        ready, self._ready = self._ready, []
        yield from (row for row in ready if row.offset >= self._offset)

    def _forget(self) -> None:
        """Let go of the bytes before the element that is being read; raises Malformed where that one has no end."""
        kept_from = self._begin if self._open else self._parser.CurrentByteIndex
        self._buffer = self._buffer[kept_from - self._buffer_at :]
        self._buffer_at = kept_from
        if len(self._buffer) > MOST_ELEMENT_BYTES:
            raise Malformed(f"an element has no end within {MOST_ELEMENT_BYTES} bytes")


def _refuse_entity(*_declared: object) -> None:
    raise Malformed("the document declares entities of its own")
