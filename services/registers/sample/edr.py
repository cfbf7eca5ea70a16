"""A full export of legal entities as XML, piece by piece: the same rows and seed give the same bytes."""

from collections.abc import Iterator
from random import Random
from typing import Any, Final
from xml.sax.saxutils import escape

from services.registers.sample.bodies import body_code, body_name, spoilt_code
from services.registers.sample.edr_lives import live
from services.registers.sample.people import natural_person

_HEAD: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n<DATA FORMAT_VERSION="1.0">\n'
_ROWS_PER_PIECE: Final = 200
# One record in so many is spoilt, with `dirt`.
_ONE_IN: Final = 20
_ACTIVITIES: Final = (
    ("01.11", "Вирощування зернових культур"),
    ("62.01", "Комп'ютерне програмування"),
    ("47.11", "Роздрібна торгівля"),
    ("85.31", "Загальна середня освіта"),
    ("43.21", "Електромонтажні роботи"),
)

Value = dict[str, Any]


def sample_entities(*, rows: int, seed: int, events_per_row: float, dirt: bool) -> Iterator[bytes]:
    """Yield an export of `rows` entities in pieces; a record comes to `events_per_row` events on average (≥ 1)."""
    yield _HEAD
    for first in range(0, rows, _ROWS_PER_PIECE):
        numbers = range(first, min(first + _ROWS_PER_PIECE, rows))
        yield "".join(_subject(number, seed, events_per_row, dirt=dirt) for number in numbers).encode()
    yield b"</DATA>\n"


def _subject(number: int, seed: int, events_per_row: float, *, dirt: bool) -> str:
    random = Random(f"{seed}/{number}")
    value = _plain(random, number, seed)
    value.update(live(random, int(random.random() * 2 * (events_per_row - 1) + random.random())))
    # By its first record a file is told from those of entrepreneurs.
    if dirt and number and random.randrange(_ONE_IN) == 0:
        random.choice(_FAULTS)(value, random)
    return f"<SUBJECT>{_elements(value)}</SUBJECT>\n"


def _plain(random: Random, number: int, seed: int) -> Value:
    form, name, short = body_name(random, number)
    registered = f"{random.randrange(1, 29):02}.{random.randrange(1, 13):02}.{random.randrange(1995, 2020)}"
    kinds = random.sample(_ACTIVITIES, random.randrange(1, 4))
    return {
        "RECORD": f"9{seed % 10**6:06}{number:010}",
        "NAME": name,
        "SHORT_NAME": short,
        "OPF": form,
        "EDRPOU": body_code(number, seed),
        "STAN": "зареєстровано",
        "ADDRESS": f"Україна, 99{random.randrange(1000):03}, місто Вигадане, ВУЛИЦЯ УЯВНА, {random.randrange(1, 200)}",
        "AUTHORIZED_CAPITAL": "",
        "STATUTE": "Діє на підставі установчих документів, затверджених засновниками (учасниками)",
        "REGISTRATION": f"{registered}; {registered}; 9{random.randrange(10**15):015}",
        "SUPERIOR_MANAGEMENT": "ЗАГАЛЬНІ ЗБОРИ",
        "ACTIVITY_KINDS": {
            "ACTIVITY_KIND": [
                {"CODE": code, "NAME": words, **({"PRIMARY": "так"} if place == 0 else {})}
                for place, (code, words) in enumerate(kinds)
            ]
        },
        "CONTACTS": f"+38000{random.randrange(10**7):07}",
    }


def _elements(value: Any, name: str = "") -> str:  # noqa: ANN401 - texts, lists and objects
    if isinstance(value, list):
        return "".join(_elements(item, name) for item in value)
    inner = "".join(_elements(item, key) for key, item in value.items()) if isinstance(value, dict) else escape(value)
    return f"<{name}>{inner}</{name}>" if name else inner


def _fail_code(value: Value, random: Random) -> None:
    value["EDRPOU"] = spoilt_code(value["EDRPOU"], random)


def _lose_record(value: Value, _random: Random) -> None:
    value["RECORD"] = ""


def _bad_capital(value: Value, _random: Random) -> None:
    value["AUTHORIZED_CAPITAL"] = "одна тисяча"


def _bad_registration(value: Value, _random: Random) -> None:
    value["REGISTRATION"] = "31.02.2010"


def _odd_founder(value: Value, random: Random) -> None:
    value["FOUNDERS"] = {"FOUNDER": f"{natural_person(random)['name']}, вул. Уявна, {random.randrange(99)}; так"}


def _unknown_element(value: Value, _random: Random) -> None:
    value["VP_NUMBER"] = "7"


def _entrepreneur(value: Value, random: Random) -> None:
    record = value["RECORD"]
    value.clear()
    value.update({"RECORD": record, "NAME": natural_person(random)["name"], "STAN": "зареєстровано", "FARMER": ""})


def _ended_without_day(value: Value, _random: Random) -> None:
    value.update({"STAN": "припинено", "TERMINATED_INFO": ""})


_FAULTS: Final = (
    _fail_code,
    _fail_code,
    _lose_record,
    _bad_capital,
    _bad_registration,
    _odd_founder,
    _unknown_element,
    _entrepreneur,
    _ended_without_day,
)
