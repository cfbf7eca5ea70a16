"""Elements of a JSON list: each with its place, read from anywhere, whatever stands beside them reported."""

import io
import json

import pytest

from litopys.errors import Malformed
from litopys.exports.delimited import BYTE_ORDER_MARK
from litopys.exports.json_list import count_items, first_item, read_items
from litopys.exports.tokens import CHUNK_BYTES

ITEMS = [{"n": n, "text": "ї" * (n % 500), "in": [{"a": ']}\\"'}]} for n in range(1500)]


def listed(*items: str) -> bytes:
    return f" [{','.join(items)}]\n".encode()


def read(data: bytes, number: int = 1, offset: int = 0):
    return list(read_items(io.BytesIO(data), number=number, offset=offset))


def test_every_element_has_its_place_and_reading_goes_on_behind_it():
    data = json.dumps(ITEMS, ensure_ascii=False, indent=1).encode()
    assert len(data) > 2 * CHUNK_BYTES
    rows = read(data)
    assert [row.number for row in rows] == list(range(1, 1501))
    assert all(json.loads(row.content) == item for row, item in zip(rows, ITEMS, strict=True))
    assert all(data[row.offset : row.end] == row.content for row in rows)
    for place in (1, 700, 1499):
        assert read(data, place + 1, rows[place - 1].end) == rows[place:]
    assert read(data, 1501, rows[-1].end) == []


@pytest.mark.parametrize(
    ("data", "refusals"),
    [
        (listed('{"a":1}', "7", '{"a":2}'), [None, "a bare value, no object", None]),
        (listed('{"a":1,"a":2}', "{}"), ["a name stands twice in one object", None]),
        (listed('{"a":1}', "[]"), [None, "no object"]),
        (b'[{"a":1},{"a"', [None, "the file ends before its list does"]),
        (b'[{"a":1}', [None, "the file ends before its list does"]),
        (b'[{"a":1}] more', [None, "what follows the list is not read"]),
        (b"[]", []),
    ],
)
def test_what_is_no_element_is_a_row_with_its_reason(data, refusals):
    rows = read(data)
    assert [row.refusal for row in rows] == refusals
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    if rows:
        assert read(data, rows[-1].number + 1, rows[-1].end) == [] or rows[-1].refusal is None


@pytest.mark.parametrize("data", [b"", b"{}", b'{"a":[]}', b"no json", b"x []"])
def test_what_is_no_list_is_refused(data, tmp_path):
    with pytest.raises(Malformed):
        read(data)
    path = tmp_path / "export"
    path.write_bytes(data)
    assert (first_item(path), count_items(path)) == ({}, None)


def test_a_file_is_told_by_its_first_element(tmp_path):
    path = tmp_path / "export"
    path.write_bytes(listed('{"RECORD":"1"}', "{}", "{}"))
    assert (first_item(path), count_items(path)) == ({"RECORD": "1"}, 3)


def test_a_byte_order_mark_is_passed_over():
    rows = read(BYTE_ORDER_MARK + listed('{"a":1}'))
    assert [(row.offset, row.refusal) for row in rows] == [(5, None)]
