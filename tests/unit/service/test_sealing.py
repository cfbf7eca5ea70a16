from itertools import count

import pytest

from litopys.event.disclosures import digest, parse_disclosure
from litopys.service.sealing import Sealing


def counting_bytes():
    numbers = count(1)
    return lambda size: b"".join(next(numbers).to_bytes(8, "big") for _ in range(size // 8))


def test_as_many_digests_as_names_whatever_is_absent():
    sealing = Sealing(counting_bytes())
    full = sealing.seal_person(closed={"name": "Оля", "phone": "1"}, open_={"role": "x"})
    empty = sealing.seal_person(closed={"name": None, "phone": None}, open_={"role": None})
    assert len(full.sd) == len(empty.sd) == 3
    assert list(full.sd) == sorted(full.sd)
    assert dict(full.fields) == {"name": "Оля", "phone": "1", "role": "x"}
    assert dict(empty.fields) == {}
    assert full.id != empty.id


def test_only_disclosures_whose_digests_an_event_carries_are_kept():
    sealing = Sealing(counting_bytes())
    used = sealing.seal_person(closed={"name": "Оля"}, open_={"role": "x"})
    sealing.seal_person(closed={"name": "unused"})
    kept = list(sealing.kept(f'{{"_sd":["{used.sd[0]}","{used.sd[1]}"]}}'.encode()))
    assert {(k.name, k.is_open, k.person) for k in kept} == {("name", False, used.id), ("role", True, used.id)}
    for one in kept:
        assert digest(one.disclosure) == one.digest
        assert parse_disclosure(one.disclosure).name == one.name


@pytest.mark.parametrize("name", ["rnokpp", "passport", "home_address", "phone"])
def test_what_no_law_publishes_is_never_sealed_as_open(name):
    sealing = Sealing(counting_bytes())
    with pytest.raises(ValueError, match="never open"):
        sealing.seal_person(closed={"name": "Оля"}, open_={name: "1"})
    assert sealing.seal_person(closed={name: "1"}).fields == {name: "1"}
