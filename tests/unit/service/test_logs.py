import io
import json
import logging
import sys

import pytest
import structlog

from litopys.service.logs import configure_logs, get_log


@pytest.fixture
def lines(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logs(service="sector", name="toy")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_a_line_is_one_json_object_with_service_and_room(lines):
    get_log("relay").info("published", events=64)
    (line,) = lines()
    assert line["event"] == "published"
    assert (line["service"], line["name"], line["room"], line["events"]) == ("sector", "toy", "relay", 64)
    assert line["timestamp"].endswith("Z")


def test_an_error_is_told_by_class_and_place_and_never_by_text(lines):
    def fail(secret: str) -> None:
        raise ValueError(secret)

    try:
        fail("RNOKPP 1234567890")
    except ValueError:
        get_log("http").exception("defect")
    logging.getLogger("some.library").error("broken", exc_info=(ValueError, ValueError("1234567890"), None))
    ours, theirs = lines()
    assert ours["errors"] == theirs["errors"] == ["ValueError"]
    assert any("test_logs.py" in place for place in ours["places"])
    assert "1234567890" not in json.dumps([ours, theirs])


def test_request_lines_of_the_server_are_not_repeated(lines):
    logging.getLogger("uvicorn.access").info("GET /v1/boxes/secret")
    assert lines() == []
