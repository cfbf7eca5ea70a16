import pytest

from tests.bench.requester import Answers, Due, content_length, percentile_ms, tell


def test_the_length_is_read_whatever_its_header_looks_like():
    assert content_length(b"HTTP/1.1 200 OK\r\nContent-Length: 8192\r\nx: y") == 8192
    assert content_length(b"HTTP/1.1 200 OK\r\nx: y\r\ncontent-length: 7") == 7
    with pytest.raises(ValueError, match="subsection not found"):
        content_length(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked")


def test_percentiles_are_milliseconds():
    assert percentile_ms([0.001 * n for n in range(1, 102)], 50) == 51.0
    assert percentile_ms([0.001 * n for n in range(1, 102)], 99) == 100.0
    assert percentile_ms([], 50) == 0.0


def test_a_time_runs_from_when_the_request_was_due_and_other_answers_are_errors():
    answers = Answers()
    for number in range(100):
        answers.take(Due("tile", b"", 10.0), b"200", now=10.5 + number / 1_000)
    answers.take(Due("receipt", b"", 10.0), b"404", now=10.1)
    told = tell(answers, sent=102, seconds=2.0, cpu_s=0.25)
    assert (told.answered, told.per_second, told.errors) == (100, 50.0, {"receipt 404": 1})
    assert 500 < told.p50_ms < 600
    assert set(told.p50_ms_by_kind) == {"tile"}
