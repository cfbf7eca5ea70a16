"""Faults of real exports, put into the lines of a sound one: what an importer has to survive.

One line in `ONE_IN` gets one fault, drawn by the seed: padding, `null`, `-`, codes that are placeholders or lack a
digit, control characters, newlines and unescaped quotes in cells, missing cells, lines that stand twice or break off.
Whether a row with a fault is admitted, flagged or refused is for its importer to say.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any, Final

ONE_IN: Final = 20
PLACEHOLDERS: Final = ("00000000", "12345679")
_CODE: Final = re.compile(r"[0-9]{8}|[0-9]{10}")


def soil_delimited(lines: Iterable[bytes], *, delimiter: str, seed: int) -> Iterator[bytes]:
    """Yield the lines of a delimited file, a record each and the header first, some of them with a fault."""
    given = iter(lines)
    header = next(given, None)
    if header is not None:
        yield header
    yield from _soiled(given, seed, lambda line, random: random.choice(_RECORD_FAULTS)(line, delimiter, random))


def soil_json_lines(lines: Iterable[bytes], *, seed: int) -> Iterator[bytes]:
    """Yield the lines of a file of JSON lines, some of them with a fault."""
    yield from _soiled(lines, seed, lambda line, random: random.choice(_JSON_FAULTS)(line, random))


def soil_text(text: str, random: Random) -> str:
    """Give a text with a fault that it may have in any format."""
    kinds = [f"  {text}", f"{text} ", "null", "-", "", f"{text}\x7f", text[:-1]]
    if _CODE.fullmatch(text):
        kinds += PLACEHOLDERS
    return random.choice(kinds)


def _soiled(lines: Iterable[bytes], seed: int, soil: Callable[[bytes, Random], bytes]) -> Iterator[bytes]:
    for number, line in enumerate(lines):
        random = Random(f"{seed}/dirt/{number}")
        yield soil(line, random) if random.randrange(ONE_IN) == 0 else line


def _soil_cell(line: bytes, delimiter: str, random: Random) -> bytes:
    cells = _cells(line, delimiter)
    place = random.randrange(len(cells))
    cells[place] = soil_text(cells[place], random)
    return _written(cells, delimiter)


def _break_cell(line: bytes, delimiter: str, random: Random) -> bytes:
    cells = _cells(line, delimiter)
    place = random.randrange(len(cells))
    cells[place] += "\n "
    return _written(cells, delimiter)


def _drop_cells(line: bytes, delimiter: str, random: Random) -> bytes:
    cells = _cells(line, delimiter)
    return _written(cells[: random.randrange(1, len(cells))] if len(cells) > 1 else [], delimiter)


def _quote_within(line: bytes, delimiter: str, random: Random) -> bytes:
    """Leave quotes unescaped within quotes, as a register does that was written without a library."""
    cells = _cells(line, delimiter)
    place = random.randrange(len(cells))
    marked = [cell if at != place else f'"{cell} "так" "' for at, cell in enumerate(cells)]
    return (delimiter.join(marked) + "\n").encode()


def _twice(line: bytes, *_others: object) -> bytes:
    return line * 2


def _cells(line: bytes, delimiter: str) -> list[str]:
    return next(csv.reader([line.decode()], delimiter=delimiter), [""])


def _written(cells: list[str], delimiter: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


_RECORD_FAULTS: Final[tuple[Callable[[bytes, str, Random], bytes], ...]] = (
    _soil_cell,
    _soil_cell,
    _soil_cell,
    _break_cell,
    _drop_cells,
    _quote_within,
    _twice,
)


def _soil_leaf(line: bytes, random: Random) -> bytes:
    """Put a fault into one text of a value, wherever it stands."""
    value = json.loads(line)
    leaves = list(_texts(value))
    if leaves:
        holder, place = random.choice(leaves)
        holder[place] = soil_text(holder[place], random)
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _break_off(line: bytes, random: Random) -> bytes:
    """Break a line off, at a byte that may lie within a character."""
    return line[: random.randrange(1, len(line) - 1)] + b"\n" if len(line) > 2 else line


def _texts(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - any JSON value
    """Yield each text as the list or object that holds it, and its place there."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for place, item in items:
        if isinstance(item, str):
            yield value, place
        else:
            yield from _texts(item)


_JSON_FAULTS: Final[tuple[Callable[[bytes, Random], bytes], ...]] = (_soil_leaf, _soil_leaf, _break_off, _twice)
