"""Records, and the digest that binds them into a block."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from litopys.ledger.records import Record, format_record_bytes, range_digest

RECORDS = st.lists(
    st.builds(Record, st.just("energy"), st.just(0), st.integers(0, 9), st.binary(max_size=9), st.binary(max_size=9))
)


@given(RECORDS)
def test_digest_is_over_the_framed_bytes(records):
    framed = b"".join(
        len(part).to_bytes(4, "big") + part for record in records for part in (record.signature, record.value)
    )
    assert range_digest(records) == sha256(framed).digest()
    assert b"".join(map(format_record_bytes, records)) == framed


def test_bytes_cannot_move_between_signature_and_value_or_records():
    def digest(*pairs):
        return range_digest([Record("energy", 0, offset, *pair) for offset, pair in enumerate(pairs)])

    digests = [
        digest((b"a", b"b")),
        digest((b"ab", b"")),
        digest((b"", b"ab")),
        digest((b"a", b""), (b"", b"b")),
        digest((b"", b"a"), (b"b", b"")),
        digest(),
        digest((b"", b"")),
    ]
    assert len(set(digests)) == len(digests)


def test_place_is_no_part_of_the_digest():
    assert range_digest([Record("energy", 0, 5, b"a", b"b")]) == range_digest([Record("registers", 1, 9, b"a", b"b")])
