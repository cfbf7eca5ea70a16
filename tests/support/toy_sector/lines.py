"""JSON lines as rows."""

import json
from collections.abc import Iterator
from typing import BinaryIO

from litopys.exports.rows import Row


def read_lines(file: BinaryIO, *, number: int, offset: int) -> Iterator[Row]:
    file.seek(offset)
    for line in file:
        end = offset + len(line)
        try:
            yield Row(number, offset, end, line, json.loads(line))
        except ValueError:
            yield Row(number, offset, end, line, refusal="not JSON")
        number, offset = number + 1, end
