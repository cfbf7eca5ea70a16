"""The check character of an Energy Identification Code. A register rule: the ledger itself looks at the form alone."""

from typing import Final

from litopys.errors import RuleViolated

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
_RANDOM_ID_LENGTH: Final = 32


def check_character(first_fifteen: str) -> str:
    """Compute the sixteenth character of a code: places weigh 16 to 2, its own 1, the sum is 0 modulo 37."""
    total = sum(weight * _ALPHABET.index(character) for weight, character in zip(range(16, 1, -1), first_fifteen))  # noqa: B905 - fifteen places
    return _ALPHABET[-total % 37]


def check_eic(code: str) -> None:
    """Refuse a code whose check character is wrong or a hyphen; a household's random id is none.

    Raises RuleViolated.
    """
    if len(code) == _RANDOM_ID_LENGTH:
        return
    well_formed = len(code) == 16 and code[-1] != "-" and all(character in _ALPHABET for character in code)
    if not well_formed or check_character(code[:15]) != code[-1]:
        raise RuleViolated("eic-check", "the check character of the EIC is wrong")
