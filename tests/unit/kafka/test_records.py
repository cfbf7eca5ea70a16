"""The rule of the one header named `signature`, record by record."""

import pytest
from confluent_kafka import Message

from litopys.kafka.records import RawRecord, raw_record, signed_headers


def message(value, headers):
    return Message(topic="t", partition=3, offset=17, value=value, headers=headers, timestamp=(2, 1_700_000_000_123))


@pytest.mark.parametrize(
    ("headers", "signature"),
    [
        (None, b""),
        ([], b""),
        ([("signature", b"line")], b"line"),
        ([("content-type", b"x"), ("signature", b"line"), ("traceparent", b"y")], b"line"),
        ([("signature", b"line"), ("signature", b"line")], b""),
        ([("signature", b"line"), ("signature", None)], b""),
        ([("signature", None)], b""),
        ([("signature", b"")], b""),
        ([("Signature", b"line")], b""),
        ([("signature ", b"line")], b""),
        ([("", b"line")], b""),
    ],
)
def test_signature_is_the_one_header_of_that_exact_name(headers, signature):
    assert raw_record(message(b"v", headers)).signature == signature


def test_null_value_is_an_empty_value():
    assert raw_record(message(None, [("signature", b"line")])) == RawRecord("t", 3, 17, b"", b"line", 1_700_000_000_123)


def test_headers_that_we_write_are_read_back():
    assert raw_record(message(b"v", list(signed_headers(b"line")))).signature == b"line"


TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_trace_goes_beside_what_is_signed_and_changes_nothing_of_it():
    traced = raw_record(message(b"v", list(signed_headers(b"line", TRACE))))
    assert traced.traceparent == TRACE.encode()
    assert traced._replace(traceparent=b"") == raw_record(message(b"v", list(signed_headers(b"line"))))


@pytest.mark.parametrize("trace", [b"", None, TRACE.encode()[1:], TRACE.encode() + b"0", b"x" * 200_000])
def test_a_header_that_is_no_trace_is_none(trace):
    headers = [*signed_headers(b"line"), ("traceparent", trace)]
    assert raw_record(message(b"v", headers))[4:] == (b"line", 1_700_000_000_123, b"")


def test_two_traces_are_none():
    headers = [*signed_headers(b"line", TRACE), ("traceparent", TRACE.encode())]
    assert raw_record(message(b"v", headers)).traceparent == b""


class HoledMessage:
    """What the client does on a header name that is not UTF-8: raise once, then hand out a pair without its name."""

    def __init__(self):
        self.calls = 0

    def headers(self):
        self.calls += 1
        if self.calls == 1:
            raise SystemError
        return [Hole(), ("signature", b"line")]

    def topic(self):
        return "t"

    partition = offset = lambda self: 0

    def value(self):
        return b"v"

    def timestamp(self):
        return (2, 0)


class Hole(tuple):
    __slots__ = ()

    def __repr__(self):
        return "(<NULL>, b'x')"

    def __iter__(self):
        raise AssertionError("the hole was touched")


def test_a_header_name_that_is_not_text_is_passed_by_untouched():
    assert raw_record(HoledMessage()).signature == b"line"
