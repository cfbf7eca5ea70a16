"""Codes of persons, bodies and plants, judged by their check digits; a failing one is kept as text, never a key.

Registers are full of codes that fail, and of codes that pass and stand for "none". Check digits belong to `decide` and
to importers: no ledger rule asks them.
"""

from typing import Final, Literal

from stdnum.eu import eic
from stdnum.ua import edrpou, rntrc

CodeCheck = Literal["valid", "failing", "placeholder"]

# They pass the check digit, and stand in real registers for "none".
PLACEHOLDERS: Final = frozenset({"00000000", "12345679", "11111111", "99999999", "0000000000", "1111111111"})


def check_edrpou(code: str) -> CodeCheck:
    """Judge the code of a legal entity: eight digits as they stand."""
    return _judge(code, is_sound=_is_digits(code, 8) and code[-1] == edrpou.calc_check_digit(code))


def check_rnokpp(code: str) -> CodeCheck:
    """Judge the tax number of a natural person: ten digits as they stand."""
    return _judge(code, is_sound=_is_digits(code, 10) and code[-1] == rntrc.calc_check_digit(code))


def check_eic(code: str) -> CodeCheck:
    """Judge an Energy Identification Code: sixteen characters in upper case as they stand."""
    return _judge(code, is_sound=len(code) == 16 and code.isascii() and code == code.upper() and eic.is_valid(code))


def _judge(code: str, *, is_sound: bool) -> CodeCheck:
    if code in PLACEHOLDERS:
        return "placeholder"
    return "valid" if is_sound else "failing"


def _is_digits(code: str, length: int) -> bool:
    """Tell whether a code is so many bare digits: the library's own check would drop spaces and prefixes first."""
    return len(code) == length and code.isascii() and code.isdigit()
