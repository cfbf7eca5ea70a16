import io

import pytest

from litopys.errors import Malformed
from litopys.exports import xml

DOCUMENT = (
    '<?xml version="1.0" encoding="windows-1251"?><a><r x="/>">t&amp;x\u0443</r ><r/><q/> <r><x/></r><r>b/></r></a>'
).encode("cp1251")


@pytest.fixture(autouse=True, params=[7, 1 << 18])
def chunk_bytes(request, monkeypatch):
    monkeypatch.setattr(xml, "CHUNK_BYTES", request.param)


def read(data: bytes, number: int = 1, offset: int = 0):
    return list(xml.read_elements(io.BytesIO(data), "r", number=number, offset=offset))


def test_elements_have_their_place_and_their_bytes():
    rows = read(DOCUMENT)
    assert [row.value.text for row in rows] == ["t&xу", "", "", "b/>"]
    assert rows[0].value.attributes == {"x": "/>"}
    assert rows[2].value.child("x").name == "x"
    assert all(DOCUMENT[row.offset : row.end] == row.content for row in rows)
    assert read(DOCUMENT, number=3, offset=rows[1].end) == rows[2:]
    assert read(DOCUMENT, number=5, offset=len(DOCUMENT) + 1) == []


@pytest.mark.parametrize("data", [b"<a><r/>", b"<a><r/><r></a>", b"<a><r/></a>trailing"])
def test_what_is_no_xml_is_the_last_row_with_its_reason(data):
    *rows, last = read(data)
    assert [row.content for row in rows] == [b"<r/>"]
    assert "not XML" in last.refusal
    assert last.end > len(data)


@pytest.mark.parametrize("data", [b"no xml", b'<!DOCTYPE a [<!ENTITY x "y">]><a><r>&x;</r></a>'])
def test_what_never_was_xml_is_refused(data):
    with pytest.raises(Malformed):
        read(data)


def test_an_element_without_an_end_fills_no_memory(monkeypatch):
    monkeypatch.setattr(xml, "MOST_ELEMENT_BYTES", 100)
    *_, last = read(b"<a><r/><r>" + b"x" * 1_000_000 + b"</r></a>")
    assert "no end" in last.refusal
