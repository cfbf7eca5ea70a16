"""Where JSON values begin and end in a stream of bytes, in bounded memory and without reading what they say."""

import re
from typing import BinaryIO, Final, NamedTuple

from litopys.errors import Malformed

CHUNK_BYTES: Final = 1 << 18
# A feature of a country's register has some kilobytes; whatever is longer than this is not kept in memory.
MOST_VALUE_BYTES: Final = 1 << 22

# Runs of characters are taken whole: one at a time is several times slower.
_STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
# A lone quote is the beginning of a string whose end has not been read yet.
_TOKEN: Final = re.compile(_STRING + rb'|"|[{}\[\]]', re.DOTALL)
# Everything up to the next bracket; strings are passed over whole, and so are lists without any, as coordinates are.
_BRACKET: Final = re.compile(rb'(?:[^"{}\[\]]++|' + _STRING + rb'|\[[^"{}\[\]]*+\])*+([{}\[\]])', re.DOTALL)


class Token(NamedTuple):
    """A string or a bracket, the bytes between it and the token before, and where in the file it begins and ends."""

    text: bytes
    between: bytes
    begin: int
    end: int


class Tokens:
    """Reads the tokens of a seekable file one after another, from a byte offset on."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        """Begin at an offset; nothing is kept until `keep_from` says so."""
        file.seek(offset)
        self._file = file
        self._buffer = b""
        self._start = offset  # offset of the buffer's first byte
        self._place = 0  # where in the buffer the next token is looked for
        self._kept: int | None = None

    def next(self) -> Token | None:
        """Give the next token, None at the end of the file; raises Malformed for a string without an end."""
        while True:
            found = _TOKEN.search(self._buffer, self._place)
            if found is not None and found[0] != b'"':
                between = self._buffer[self._place : found.start()]
                self._place = found.end()
                return Token(found[0], between, self._start + found.start(), self._start + found.end())
            if not self._read_more():
                return None

    def skip_value(self) -> int | None:
        """Pass over the rest of an object or a list whose opening bracket was read last; give the offset behind it.

        None: the file ends within it. Raises Malformed for a string without an end.
        """
        depth = 1
        while depth:
            found = _BRACKET.match(self._buffer, self._place)
            if found is not None:
                self._place = found.end()
                depth += 1 if found[1] in b"{[" else -1
            elif not self._read_more():
                return None
        return self.offset

    def keep_from(self, offset: int | None) -> None:
        """Keep the bytes from the begin of the token read last; None keeps nothing."""
        self._kept = offset

    def kept(self, end: int) -> bytes | None:
        """Give the bytes kept, up to an offset; None when they were too many."""
        if self._kept is None:
            return None
        return self._buffer[self._kept - self._start : end - self._start]

    @property
    def offset(self) -> int:
        """The offset behind the token read last."""
        return self._start + self._place

    def rest(self) -> bytes:
        """Give what follows the token read last, to the end of the file or as far as is worth showing."""
        return (self._buffer[self._place :] + self._file.read(CHUNK_BYTES))[:CHUNK_BYTES]

    def _read_more(self) -> bool:
        if self._kept is not None and len(self._buffer) - (self._kept - self._start) > MOST_VALUE_BYTES:
            self._kept = None
        held = self._place if self._kept is None else min(self._place, self._kept - self._start)
        if len(self._buffer) - self._place > MOST_VALUE_BYTES:
            raise Malformed(f"no end of a string within {MOST_VALUE_BYTES} bytes after byte {self._start + held}")
        more = self._file.read(CHUNK_BYTES)
        self._buffer = self._buffer[held:] + more
        self._start += held
        self._place -= held
        return bool(more)
