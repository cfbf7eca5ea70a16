import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.errors import Malformed
from litopys.exports.delimited import BYTE_ORDER_MARK, MOST_RECORD_BYTES, Delimited

SEMICOLONS = Delimited(delimiter=";")
BARE = Delimited(delimiter=",", header=False, columns=("a", "b"))


def read(data: bytes, kind: Delimited = SEMICOLONS, number: int = 1, offset: int = 0):
    return list(kind.rows(io.BytesIO(data), number=number, offset=offset))


def test_records_have_their_place_and_their_bytes():
    data = BYTE_ORDER_MARK + 'код;назва\r\n1;"а;б"\r\n2;"рядок\nдругий ""так"""\r\n\r\n3;'.encode()
    rows = read(data)
    assert [row.value["назва"] for row in rows] == ["а;б", 'рядок\nдругий "так"', ""]
    assert [data[row.offset : row.end].rstrip(b"\r\n") for row in rows] == [row.content for row in rows]
    again = read(data, number=2, offset=rows[0].end)
    assert again == rows[1:]
    assert read(data, number=4, offset=len(data) + 1) == []


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"1", "1 fields where the header has 2"),
        (b"1;2;3", "3 fields where the header has 2"),
        (b'1;"2"x', "not a record"),
        (b"1;\xff", "not UTF-8 at byte 2"),
    ],
)
def test_a_bad_record_is_refused_and_the_next_one_read(record, reason):
    rows = read(b"a;b\n" + record + b"\n3;4\n")
    assert reason in rows[0].refusal
    assert rows[0].content == record
    assert rows[1].value == {"a": "3", "b": "4"}


def test_quotes_without_an_end_lose_nothing_and_fill_no_memory():
    rows = read(b'a;b\n1;"2\n3;4\n')
    assert [(row.refusal, row.content) for row in rows] == [("the file ends within quotes", b'1;"2\n3;4\n')]
    long = b'a;b\n1;"' + b"x\n" * MOST_RECORD_BYTES + b'"\n3;4\n'
    assert "too long" in read(long)[0].refusal


@pytest.mark.parametrize("data", [b"", b"a;a\n1;2\n", b"\xff\n"])
def test_a_file_without_a_header_is_refused(data):
    with pytest.raises(Malformed):
        read(data)


def test_columns_may_be_given(tmp_path):
    assert [row.value for row in read(b"1,2\n", BARE)] == [{"a": "1", "b": "2"}]
    path = tmp_path / "file.csv"
    path.write_bytes(b"x;y\n1;2\n\n3;4\n")
    assert SEMICOLONS.first(path) == {"x": "1", "y": "2"}
    assert SEMICOLONS.count(path) == 2
    assert SEMICOLONS.count(tmp_path / "none") is None


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=8), min_size=2, max_size=2)
)
def test_what_was_written_is_read(fields):
    written = ";".join('"' + field.replace('"', '""') + '"' for field in fields)
    (row,) = read(f"a;b\n{written}\n".encode())
    assert list(row.value.values()) == fields


def test_a_line_without_an_end_is_never_held_whole():
    class Endless(io.BytesIO):
        """A file whose lines must be asked for in pieces."""

        def readline(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            assert 0 < size <= MOST_RECORD_BYTES
            return super().readline(size)

    data = b"a;b\n" + b"x" * (3 * MOST_RECORD_BYTES) + b"\n1;2\n"
    long, after = Delimited(delimiter=";").rows(Endless(data), number=1, offset=0)
    assert (long.refusal, long.content) == ("the record is too long, or a quote has no end", b"")
    assert (after.number, after.offset, after.value) == (2, long.end, {"a": "1", "b": "2"})
    cut = list(Delimited(delimiter=";").rows(Endless(data[: 4 + 2 * MOST_RECORD_BYTES]), number=1, offset=0))
    assert [row.refusal for row in cut] == [long.refusal]


@pytest.mark.parametrize("header", [b'"a;b', b"a" * (MOST_RECORD_BYTES + 1) + b"\n1\n"])
def test_a_header_that_cannot_be_read_is_no_header(header):
    with pytest.raises(Malformed, match="the header cannot be read"):
        list(Delimited(delimiter=";").rows(io.BytesIO(header), number=1, offset=0))
