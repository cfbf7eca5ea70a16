import csv
import io
import json

import pytest

from litopys.exports.delimited import Delimited
from litopys.exports.dirt import ONE_IN, soil_delimited, soil_json_lines
from litopys.exports.json_lines import read_rows

ROWS = 4_000
HEADER = b"code;name;place\n"
SEMICOLONS = Delimited(delimiter=";")


def records():
    return [HEADER, *(f'{n:08};"Школа № {n}; перша";Київ\n'.encode() for n in range(ROWS))]


def lines():
    return [
        json.dumps({"code": f"{n:08}", "names": ["а", {"b": "ї" * 5}], "n": n}).encode() + b"\n" for n in range(ROWS)
    ]


def test_the_same_seed_soils_the_same_lines():
    one = list(soil_delimited(records(), delimiter=";", seed=1))
    assert one == list(soil_delimited(records(), delimiter=";", seed=1))
    assert one != list(soil_delimited(records(), delimiter=";", seed=2))
    assert one[0] == HEADER


@pytest.mark.parametrize(
    ("clean", "soiled"),
    [
        (records(), lambda: soil_delimited(records(), delimiter=";", seed=3)),
        (lines(), lambda: soil_json_lines(lines(), seed=3)),
    ],
    ids=["delimited", "json"],
)
def test_about_the_stated_share_is_soiled(clean, soiled):
    different = sum(one != other for one, other in zip(clean, soiled(), strict=True))
    assert 0.7 * ROWS / ONE_IN < different < 1.2 * ROWS / ONE_IN


def test_a_delimited_file_has_every_kind_of_fault():
    data = b"".join(soil_delimited(records(), delimiter=";", seed=4))
    rows = list(SEMICOLONS.rows(io.BytesIO(data), number=1, offset=0))
    refusals = {row.refusal.partition(":")[0] for row in rows if row.refusal}
    assert any("fields where the header has" in one for one in refusals)
    cells = [cell for row in rows if row.value for cell in row.value.values()]
    assert {"null", "-", "", "00000000", "12345679"} <= set(cells)
    assert any("\x7f" in cell for cell in cells)
    assert any("\n" in cell for cell in cells)
    assert len({row.content for row in rows}) < len(rows)
    assert b'"\xd1\x82\xd0\xb0\xd0\xba"' in data
    # A default reader alters what stands within unescaped quotes, silently.
    assert sum(1 for _ in csv.reader(io.StringIO(data.decode()), delimiter=";")) > 0


def test_json_lines_have_every_kind_of_fault():
    data = b"".join(soil_json_lines(lines(), seed=4))
    rows = list(read_rows(io.BytesIO(data), number=1, offset=0))
    assert any(row.refusal for row in rows)
    texts = {text for row in rows if row.value for text in (row.value["code"], row.value["names"][0])}
    assert {"null", "-", "", "00000000"} <= texts
    assert len({row.content for row in rows}) < len(rows)
