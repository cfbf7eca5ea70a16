"""Commands that ask: over a validator that is played by a few lines of HTTP."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.receipts import SmallLedger


class Played(ThreadingHTTPServer):
    """Answers from a table of paths; whatever is not there is a 404."""

    daemon_threads = True

    def __init__(self):
        self.pages = {}
        self.asked = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        parts = urlsplit(self.path)
        self.server.asked.append((parts.path, parse_qs(parts.query)))
        page = self.server.pages.get(parts.path)
        body = page if isinstance(page, bytes) else json.dumps(page).encode()
        self.send_response(200 if page is not None else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


@pytest.fixture(scope="module")
def ledger():
    return SmallLedger()


@pytest.fixture
def server():
    with Played() as played:
        thread = threading.Thread(target=played.serve_forever, args=(0.01,))
        thread.start()
        yield played
        played.shutdown()
        thread.join()


@pytest.fixture
def state(tmp_path, server, ledger):
    """The state file of a network with one dead validator and one that answers."""
    (tmp_path / "policy").write_text(ledger.policy)
    (tmp_path / "network.json").write_bytes(ledger.simulated.file())
    values = {
        "origin": "simulated.example/one",
        "policy": str(tmp_path / "policy"),
        "network": str(tmp_path / "network.json"),
        "log_vkey": "v",
        "bootstrap": "b:1",
        "postgres": "p",
        "token_key": "secret place",
        "validators": [
            {"name": "kyiv", "vkey": "v", "url": "http://127.0.0.1:9", "database": "dsn"},
            {"name": "lviv", "vkey": "v", "url": server.url, "database": "dsn"},
        ],
        "sectors": [{"name": "registers", "url": "http://s", "database": "dsn"}],
        "processes": [{"name": "here", "pid": 1, "log": "l"}, {"name": "gone", "pid": None, "log": "l"}],
    }
    (tmp_path / "state.json").write_text(json.dumps(values))
    return tmp_path / "state.json"


def final(server, ledger, index=0):
    subject = f"thing:{index + 1}"
    address = {"subject": subject, "version": 1, "status": "final", "index": index, "height": 0, "reason": None}
    server.pages["/api/v1/events/by-address"] = address
    server.pages[f"/receipt/{index}"] = ledger.receipt(index)


def test_a_receipt_is_verified_before_it_is_written(run, server, ledger, state, tmp_path):
    final(server, ledger)
    ran = run("receipt", "thing:1@1", "--state", state, "-o", "out")
    assert ran.code == 0, ran.err
    assert (tmp_path / "out").read_bytes() == ledger.receipt()
    assert run("receipt", "0", "--state", state).out == "0.tlog-proof\n"
    assert run("verify", "0.tlog-proof", "--policy", "policy").code == 0


def test_the_receipt_of_something_else_is_not_written(run, server, ledger, state, tmp_path):
    final(server, ledger)
    server.pages["/receipt/0"] = ledger.receipt(1)
    ran = run("receipt", "thing:1@1", "--state", state, "-o", "out")
    assert ran.code == 1
    assert "another entry" in ran.err
    server.pages["/api/v1/events/by-address"]["index"] = 1
    server.pages["/receipt/1"] = ledger.receipt(1)
    assert run("receipt", "thing:1@1", "--state", state, "-o", "out").code == 1, "an index that is another event's"
    server.pages["/receipt/0"] = ledger.receipt().replace(b"index 0", b"index 1")
    assert run("receipt", "0", "--state", state, "-o", "out").code == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("status", ["pending", "sealed", "rejected"])
def test_what_is_not_final_has_no_receipt(run, server, ledger, state, status):
    final(server, ledger)
    server.pages["/api/v1/events/by-address"] |= {"status": status, "reason": "rule" if status == "rejected" else None}
    assert run("receipt", "thing:1@1", "--state", state).code == 3
    ran = run("event", "thing:1@1", "--state", state)
    assert ran.code == 0
    assert ran.out.startswith(f"thing:1@1 is {status}")


def test_an_event_is_verified_before_it_is_shown(run, server, ledger, state):
    final(server, ledger)
    ran = run("event", "thing:1@1", "--state", state)
    assert json.loads(ran.out)["note"] == "x"
    assert "verified" in ran.err
    told = json.loads(run("event", "thing:1@1", "--state", state, "--json").out)
    assert (told["status"], told["verdict"], told["subject"]) == ("final", "VALID", "thing:1")
    server.pages["/receipt/0"] = ledger.receipt().replace(b"index 0", b"index 1")
    assert run("event", "thing:1@1", "--state", state).code == 1


def test_a_stream_is_listed_page_by_page(run, server, state):
    def entry(version):
        event = {"streamversion": version, "time": "t", "type": "ua.gov.litopys.registers.thing.recorded.v1"}
        return {"index": version, "status": "final", "event": event}

    server.pages["/api/v1/streams/thing:1/a"] = {"version": 2, "entries": [entry(2), entry(1)], "next": None}
    ran = run("event", "thing:1/a", "--state", state)
    assert [line.split()[0] for line in ran.out.splitlines()] == ["thing:1/a@1", "thing:1/a@2"]
    assert "not verified" in ran.err


def test_nobody_there_is_not_a_failure(run, server, state):
    assert run("event", "thing:1@1", "--state", state).code == 3
    assert run("event", "thing:1@1", "--url", "http://127.0.0.1:9").code == 3
    assert run("receipt", "17", "--state", state).code == 3


@pytest.mark.parametrize("address", ["thing", "thing:1@0", "thing:1@x", "thing:1@", "Thing:1", "thing:1 2"])
def test_what_is_no_address_is_wrong_use(run, state, address):
    assert run("event", address, "--state", state).code == 2


def test_a_stream_has_no_receipt(run, state):
    assert run("receipt", "thing:1", "--state", state).code == 2


def test_the_status_is_exactly_what_others_expect(run, server, state):
    blocks = [{"height": 7, "status": "sealed", "tree_size": 70}, {"height": 6, "status": "final", "tree_size": 60}]
    server.pages["/api/v1/blocks"] = {"blocks": blocks, "next": None}
    ran = run("status", "--json", "--state", state)
    assert ran.code == 0
    told = json.loads(ran.out)
    assert list(told) == [
        *("origin", "policy", "network", "log_vkey", "bootstrap", "postgres", "validators", "sectors", "processes"),
        *("tree_size", "height", "final_height"),
    ]
    assert told["validators"][1] == {"name": "lviv", "vkey": "v", "url": server.url}
    assert told["sectors"] == [{"name": "registers", "url": "http://s"}]
    assert told["processes"] == [{"name": "here", "pid": 1}, {"name": "gone", "pid": None}]
    assert (told["tree_size"], told["height"], told["final_height"]) == (70, 7, 6)
    assert "final 6" in run("status", "--state", state).out


def test_a_network_that_is_down_is_unreachable(run, state, server):
    ran = run("status", "--json", "--state", state)
    assert ran.code == 3
    assert json.loads(ran.out)["height"] is None


def test_without_a_state_file_it_says_where_one_comes_from(run):
    ran = run("status")
    assert ran.code == 2
    assert "make up" in ran.err
