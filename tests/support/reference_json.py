"""The grammar of events once more, character by character and slow, as an oracle for the fast one."""

import re

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_WORDS = {"true": True, "false": False, "null": None}
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}


class NotInGrammar(ValueError):
    pass


def parse(data: bytes) -> object:
    """Parse a value, or raise NotInGrammar."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotInGrammar from error
    value, end = _value(text, 0, 1)
    if end != len(text):
        raise NotInGrammar
    return value


def _value(text: str, at: int, depth: int) -> tuple[object, int]:
    first = text[at : at + 1]
    if first == '"':
        return _string(text, at)
    if first in ("{", "["):
        if depth > 16:
            raise NotInGrammar
        return _object(text, at, depth) if first == "{" else _array(text, at, depth)
    for word, value in _WORDS.items():
        if text.startswith(word, at):
            return value, at + len(word)
    return _number(text, at)


def _number(text: str, at: int) -> tuple[int, int]:
    match = _NUMBER.match(text, at)
    if match is None or match[0] == "-0" or len(match[0]) > 17 or abs(int(match[0])) >= 2**53:
        raise NotInGrammar
    return int(match[0]), match.end()


def _string(text: str, at: int) -> tuple[str, int]:
    out, at = [], at + 1
    while True:
        character = text[at : at + 1]
        if not character or ord(character) < 0x20 or 0x7F <= ord(character) <= 0x9F:
            raise NotInGrammar
        if character == '"':
            return "".join(out), at + 1
        if character == "\\":
            at += 1
            if text[at : at + 1] not in _ESCAPES:
                raise NotInGrammar
            character = _ESCAPES[text[at]]
        out.append(character)
        at += 1


def _array(text: str, at: int, depth: int) -> tuple[list[object], int]:
    out: list[object] = []
    if text[at + 1 : at + 2] == "]":
        return out, at + 2
    while True:
        value, at = _value(text, at + 1, depth + 1)
        out.append(value)
        if text[at : at + 1] == "]":
            return out, at + 1
        if text[at : at + 1] != ",":
            raise NotInGrammar


def _object(text: str, at: int, depth: int) -> tuple[dict[str, object], int]:
    out: dict[str, object] = {}
    if text[at + 1 : at + 2] == "}":
        return out, at + 2
    while True:
        if text[at + 1 : at + 2] != '"':
            raise NotInGrammar
        name, at = _string(text, at + 1)
        if name in out or text[at : at + 1] != ":":
            raise NotInGrammar
        out[name], at = _value(text, at + 1, depth + 1)
        if text[at : at + 1] == "}":
            return out, at + 1
        if text[at : at + 1] != ",":
            raise NotInGrammar
