"""JSON whose numbers stay the text that stood in the source: nothing is rounded, everything is found again."""

import json
import re
from typing import Any, Final, NoReturn

from litopys.errors import Malformed

_NOT_PLAIN: Final = re.compile("[^ -~\n\t\xa0-\ud7ff\ue000-\U0010ffff]")


# Made once: `json.dumps` makes an encoder anew for each call that is not by its defaults.
_write_plain: Final = json.JSONEncoder(ensure_ascii=False).encode


class NumberText(str):
    """A number of the source, digit for digit."""

    __slots__ = ()


def read_json(data: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Read a value; raises Malformed for bad UTF-8, a name twice, NaN, or anything that is no JSON."""
    try:
        return _decoder.decode(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8 at byte {error.start} of the record") from error
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deep"
        raise Malformed(f"not JSON: {reason}") from error


def write_json(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Write a value without spaces, numbers as they stood; characters that no event may hold are escaped.

    Raises Malformed for what is nested deeper than this can follow: reading goes deeper.
    """
    try:
        return _write(value)
    except RecursionError as error:
        raise Malformed("nested too deep") from error


def _write(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, NumberText):
        return str(value)
    if isinstance(value, str):
        return _write_text(value)
    if isinstance(value, list):
        return f"[{','.join(map(_write, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{_write_text(name)}:{_write(item)}' for name, item in value.items())}}}"
    return json.dumps(value)


def is_plain_text(text: str) -> bool:
    """Tell whether an event may hold a text as it is: no control character but newline and tab, no lone surrogate."""
    return _NOT_PLAIN.search(text) is None


def _write_text(text: str) -> str:
    return _write_plain(text) if is_plain_text(text) else json.dumps(text)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Malformed("a name stands twice in one object")
    return made


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is no JSON")


_decoder: Final = json.JSONDecoder(
    parse_float=NumberText, parse_int=NumberText, parse_constant=_refuse_constant, object_pairs_hook=_pairs
)
