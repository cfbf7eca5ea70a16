"""Legal bodies that do not exist: codes with right check digits in a range that no real body has."""

from random import Random
from typing import Final

from stdnum.ua import edrpou

# EDRPOU codes in use lie below 50 million. Samples of two seeds below 39 do not meet before 100,000 rows.
_FIRST: Final = 6_000_000
_CODES: Final = 3_900_000
_PER_SEED: Final = 100_000

FORMS: Final = (
    ("ТОВ", "ТОВАРИСТВО З ОБМЕЖЕНОЮ ВІДПОВІДАЛЬНІСТЮ"),
    ("ПП", "ПРИВАТНЕ ПІДПРИЄМСТВО"),
    ("ФГ", "ФЕРМЕРСЬКЕ ГОСПОДАРСТВО"),
    ("ГО", "ГРОМАДСЬКА ОРГАНІЗАЦІЯ"),
)
_WORDS: Final = ("ЗРАЗОК", "ВЗІРЕЦЬ", "МАКЕТ", "ПРИКЛАД", "УЯВА", "МОДЕЛЬ", "ПРОБА", "ВИГАДКА")


def body_code(number: int, seed: int) -> str:
    """Give the EDRPOU of the body with a number."""
    digits = str(_FIRST + (seed * _PER_SEED + number) % _CODES)
    return digits + str(edrpou.calc_check_digit(digits))


def spoilt_code(code: str, random: Random) -> str:
    """Give a code as registers hold it where something went wrong: failing, too short, a placeholder, none."""
    failing = code[:-1] + str((int(code[-1]) + 1) % 10)
    return random.choice((failing, code.lstrip("6")[:4], "00000000", "12345679", ""))


def body_name(random: Random, number: int) -> tuple[str, str, str]:
    """Make up a name: the legal form, the full name, the short one."""
    short, form = random.choice(FORMS)
    name = f'"{random.choice(_WORDS)}-{number}"'
    return form, f"{form} {name}", f"{short} {name}"
