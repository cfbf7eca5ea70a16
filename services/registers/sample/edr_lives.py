"""Who stands behind an entity of a sample and how it ends, as the elements of its record; each is one event."""

from collections.abc import Callable
from random import Random
from typing import Any, Final

from services.registers.sample.bodies import body_code
from services.registers.sample.people import natural_person

Value = dict[str, Any]

_SHARES: Final = (10_000, 25_000, 50_000, 125_050, 1_000_000)


def live(random: Random, events: int) -> Value:
    """Give elements that come to `events` events beside the first."""
    value: Value = {}
    for add in (_head, _founder, _beneficiary, _founder)[:events]:
        add(value, random)
    while (events := events - 1) >= 4 and "TERMINATED_INFO" not in value:
        random.choice(_POSSIBLE)(value, random)
    founders = value.get("FOUNDERS", {}).get("FOUNDER", [])
    if founders:
        total = sum(int(line.rpartition("; ")[2].replace(",", "")) for line in founders)
        value["AUTHORIZED_CAPITAL"] = _hryvnias(total)
    return value


def _head(value: Value, random: Random) -> None:
    line = f"{_name(random)}; {_day(random, 2015, 2020)} - керівник"
    value.setdefault("SIGNERS", {"SIGNER": []})["SIGNER"].append(line)


def _signer(value: Value, random: Random) -> None:
    line = f"{_name(random)}; {_day(random, 2015, 2020)}; відсутні обмеження - підписант"
    value.setdefault("SIGNERS", {"SIGNER": []})["SIGNER"].append(line)


def _founder(value: Value, random: Random) -> None:
    share = _hryvnias(random.choice(_SHARES))
    if random.random() < 0.2:
        code = body_code(random.randrange(1_000_000), 38)
        line = f"ТОВ «МАКЕТ {random.randrange(1000)}»; {code}; Україна; {share}"
    else:
        line = f"{_name(random)}; Україна; {share}"
    value.setdefault("FOUNDERS", {"FOUNDER": []})["FOUNDER"].append(line)


def _beneficiary(value: Value, random: Random) -> None:
    if "BENEFICIARIES" in value:
        return _founder(value, random)
    line = f"{_name(random)}; Україна; Прямий вирішальний вплив; {random.randrange(25, 101)}"
    value["BENEFICIARIES"] = {"BENEFICIARY": [line]}
    return None


def _begin_to_end(value: Value, random: Random) -> None:
    if "TERMINATION_STARTED_INFO" in value:
        return _founder(value, random)
    reason = random.choice(("рішення засновників", "припинення в результаті приєднання", "перетворення"))
    value["STAN"] = "в стані припинення"
    value["TERMINATION_STARTED_INFO"] = {
        "OP_DATE": _day(random, 2020, 2022),
        "REASON": reason,
        "SBJ_STATE": "в стані припинення",
        "SIGNER_NAME": f"{_name(random)}; голова комісії",
        "CREDITOR_REQ_END_DATE": _day(random, 2023, 2023),
    }
    return None


def _go_bankrupt(value: Value, random: Random) -> None:
    if "BANKRUPTCY_READJUSTMENT_INFO" in value:
        return _signer(value, random)
    value["STAN"] = "порушено справу про банкрутство"
    value["BANKRUPTCY_READJUSTMENT_INFO"] = {
        "OP_DATE": _day(random, 2020, 2022),
        "REASON": "ухвала суду",
        "SBJ_STATE": "порушено справу про банкрутство",
        "BANKRUPTCY_READJUSTMENT_HEAD_NAME": _name(random),
    }
    return None


def _end(value: Value, random: Random) -> None:
    ground = "банкрутства" if "BANKRUPTCY_READJUSTMENT_INFO" in value else "ліквідації"
    value["STAN"] = "припинено"
    number = f"9{random.randrange(10**15):015}"
    value["TERMINATED_INFO"] = f"{_day(random, 2023, 2025)}; {number}; припинення в результаті {ground}"


_POSSIBLE: Final[tuple[Callable[[Value, Random], None], ...]] = (
    *(_founder,) * 4,
    *(_signer,) * 2,
    _beneficiary,
    _begin_to_end,
    _go_bankrupt,
    _end,
)


def _name(random: Random) -> str:
    name: str = natural_person(random)["name"]
    return name


def _day(random: Random, first: int, last: int) -> str:
    return f"{random.randrange(1, 29):02}.{random.randrange(1, 13):02}.{random.randrange(first, last + 1)}"


def _hryvnias(minor: int) -> str:
    return f"{minor // 100},{minor % 100:02}"
