import io

import pytest

from litopys.exports import json_lines
from litopys.exports.json_lines import count_rows, first_value, read_rows

DATA = '{"a": 1.50}\n\n  \n["ї"]\r\n{broken\n"last"'.encode()


def rows(data: bytes, number: int = 1, offset: int = 0):
    return list(read_rows(io.BytesIO(data), number=number, offset=offset))


def test_each_line_is_a_row_with_its_place():
    read = rows(DATA)
    assert [(row.number, row.value) for row in read] == [(1, {"a": "1.50"}), (2, ["ї"]), (3, None), (4, "last")]
    assert [DATA[row.offset : row.end].strip() for row in read] == [row.content for row in read]
    assert read[2].refusal.startswith("not JSON")
    assert read[3].end == len(DATA)


@pytest.mark.parametrize("after", range(4))
def test_reading_goes_on_behind_any_row(after):
    whole = rows(DATA)
    assert rows(DATA, after + 2, whole[after].end) == whole[after + 1 :]


def test_a_byte_order_mark_is_passed_over():
    assert rows(b"\xef\xbb\xbf" + DATA)[0].value == {"a": "1.50"}


def test_a_line_that_is_too_long_is_one_refused_row(monkeypatch):
    monkeypatch.setattr(json_lines, "MOST_LINE_BYTES", 20)
    long = b'"' + b"x" * 50 + b'"\n{"a": 1}\n'
    first, second = rows(long)
    assert (first.refusal, first.end, second.value) == ("the line is too long to be one record", 53, {"a": "1"})


def test_what_a_file_is_can_be_told_and_counted(tmp_path):
    path = tmp_path / "lines"
    path.write_bytes(DATA)
    assert first_value(path) == {"a": "1.50"}
    assert count_rows(path) == len(rows(DATA))
    assert first_value(tmp_path / "none") is None
    assert count_rows(tmp_path / "none") is None
