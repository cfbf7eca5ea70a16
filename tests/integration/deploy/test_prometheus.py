"""The local Prometheus scrapes what it is told of, under the labels that it is told, and answers expressions."""

import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from deploy.local.debian import ProgramMissing, find_program
from deploy.local.prometheus import Prometheus, QueryRefused, Target

pytestmark = pytest.mark.integration


class OneGauge(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(b"litopys_lamp_state 7\n")

    def log_message(self, *_):
        pass


@pytest.fixture
def lamp():
    server = ThreadingHTTPServer(("127.0.0.1", 0), OneGauge)
    Thread(target=server.serve_forever, daemon=True).start()
    yield Target(f"127.0.0.1:{server.server_port}", "litopys-sealer", "a")
    server.shutdown()


@pytest.fixture
def prometheus(server_folder):
    try:
        find_program("prometheus")
    except ProgramMissing as missing:
        pytest.skip(str(missing))
    server = Prometheus(server_folder / secrets.token_hex(3))
    try:
        yield server
    finally:
        server.stop()


def test_a_target_is_scraped_under_its_labels(prometheus, lamp):
    prometheus.start([lamp])
    prometheus.wait_scraped([lamp])
    (sample,) = prometheus.query("litopys_lamp_state")
    assert sample.value == 7
    assert sample.labels["job"] == "litopys-sealer"
    assert sample.labels["name"] == "a"
    assert prometheus.query("litopys_lamp_state{name='b'}") == []
    assert prometheus.query("scalar(litopys_lamp_state) + 1")[0].value == 8
    at_s = sample.points[0][0]
    assert prometheus.query_range("litopys_lamp_state", start_s=at_s, end_s=at_s, step_s=1)[0].value == 7
    assert prometheus.alerts() == []
    with pytest.raises(QueryRefused, match="parse error"):
        prometheus.query("litopys_lamp_state[")
    missing = Target(lamp.address, "litopys-sealer", "b")
    with pytest.raises(TimeoutError):
        prometheus.wait_scraped([missing], timeout_s=0.1)
