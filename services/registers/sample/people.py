"""Persons who do not exist: codes with right check digits, in ranges that no real person or body has."""

from random import Random
from typing import Any, Final

from stdnum.ua import edrpou, rntrc

# The first five digits of an RNOKPP count days from 1899-12-31: from 99000 on nobody is born before the year 2171.
_FIRST_BIRTH: Final = 99_000
# EDRPOU codes in use lie below 50 million.
_FIRST_BODY: Final = 9_900_000

_SURNAMES: Final = ("Зразко", "Прикладенко", "Вигадько", "Нетутешній", "Моделюк", "Уявний", "Пробний", "Макетенко")
_NAMES: Final = ("Олена", "Іван", "Марія", "Петро", "Ганна", "Степан", "Оксана", "Тарас", "Дарина", "Юрій")
_FATHERS: Final = ("Іванів", "Петрів", "Степанів", "Тарасів", "Юріїв", "Андріїв")
_BODIES: Final = ("Агроприклад", "Зразкове поле", "Уявна нива", "Модельний лан", "Банк «Взірець»", "Макет-Агро")


def natural_person(random: Random) -> dict[str, Any]:
    """Make up a natural person; one in twenty has a passport and no RNOKPP, and one in fifty a code that fails."""
    person: dict[str, Any] = {
        "kind": "natural",
        "name": " ".join(random.choice(names) for names in (_SURNAMES, _NAMES, _FATHERS)),
        "code": None,
        "document": None,
        "address": None,
    }
    draw = random.random()
    if draw < 0.05:
        person["document"] = f"паспорт ЯЯ {random.randrange(10**6):06}"
    else:
        person["code"] = natural_code(random) if draw > 0.07 else _spoilt(natural_code(random))
    if random.random() < 0.5:
        person["address"] = f"с. Вигадане, вул. Уявна, {random.randrange(1, 200)}"
    return person


def legal_person(random: Random) -> dict[str, Any]:
    """Make up a legal person."""
    return {
        "kind": "legal",
        "name": f"ТОВ «{random.choice(_BODIES)} {random.randrange(1000)}»",
        "code": legal_code(random),
        "document": None,
        "address": None,
    }


def natural_code(random: Random) -> str:
    """Make an RNOKPP of nobody, its check digit right."""
    digits = f"{_FIRST_BIRTH + random.randrange(1000)}{random.randrange(10_000):04}"
    return digits + str(rntrc.calc_check_digit(digits))


def legal_code(random: Random) -> str:
    """Make an EDRPOU of no body, its check digit right."""
    digits = f"{_FIRST_BODY + random.randrange(100_000)}"
    return digits + str(edrpou.calc_check_digit(digits))


def _spoilt(code: str) -> str:
    return code[:-1] + str((int(code[-1]) + 1) % 10)
