"""A file cut off at any byte: rows are numbered without a gap, and reading goes on behind each as it would have."""

import io
from functools import partial

import pytest

from litopys.errors import Malformed
from litopys.exports import geojson, json_lines, json_list, xml
from litopys.exports.delimited import Delimited

FEATURES = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":"]}"},"geometry":null} ,'
    '{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}}]}'
)
FILES = {
    "delimited": (Delimited(delimiter=";").rows, 'a;b\r\n1;"x\r\ny"\r\n2;"q""q"\r\n3;Ї\r\n'),
    "lines": (json_lines.read_rows, '{"a":1}\n{"b":"Ї\\n"}\n\n{"c":[1,2]}\n'),
    "list": (json_list.read_items, ' [ {"a":"]"} , {"b":{"c":[1]}},\n {"d":2.50} ] \n'),
    "features": (geojson.read_rows, FEATURES),
    "elements": (partial(xml.read_elements, name="S"), '<R><S a="1"/><S>x<T>y&lt;</T></S><S></S></R>'),
}


def read(reader, data: bytes, *, number: int = 1, offset: int = 0):
    return list(reader(io.BytesIO(data), number=number, offset=offset))


@pytest.mark.parametrize("kind", FILES)
def test_a_file_may_end_anywhere(kind):
    reader, text = FILES[kind]
    data, seen = text.encode(), 0
    for size in range(len(data) + 1):
        cut = data[:size]
        try:
            rows = read(reader, cut)
        except Malformed:
            continue
        seen += len(rows)
        assert [row.number for row in rows] == list(range(1, len(rows) + 1))
        for nth, row in enumerate(rows, 1):
            assert read(reader, cut, number=nth + 1, offset=row.end) == rows[nth:], (size, nth)
        if kind in ("list", "features", "elements") and size < len(text.rstrip()) - 1:
            assert rows[-1].is_cut
    assert seen > len(data)
