"""Codes of plants, zones and companies that do not exist: no office gives EICs that begin with 99."""

from typing import Final

from stdnum.eu import eic

_LETTERS: Final = "ABCDEFG"


def made_up_eic(kind: str, *, seed: int, number: int) -> str:
    """Make an EIC of nobody with the right check character; `kind` is the letter of its object, such as W for a plant.

    Codes of two seeds do not meet as long as these differ modulo 1000; numbers count below 100 million.
    """
    for letter in _LETTERS:  # a hyphen is no check character
        first = f"99{kind}{seed % 1000:03}{letter}{number % 10**8:08}"
        last: str = eic.calc_check_digit(first)
        if last != "-":
            return first + last
    raise AssertionError("letters that follow each other give check characters that differ")
