"""What librdkafka tells is summed over a process's clients, and nothing that it may say stops a poll."""

import json
import time

import pytest
from confluent_kafka import Producer

from litopys.kafka import statistics
from litopys.kafka.statistics import ClientWatch, read_totals


@pytest.fixture(autouse=True)
def own_clients(monkeypatch):
    monkeypatch.setattr(statistics, "_watches", set())
    monkeypatch.setattr(statistics, "_sums", [0] * 5)


def told(*, sent=0, errors=0, queue=0, ends=(), rtt_us=0, throttle_ms=0, brokers=1):
    broker = {
        "txerrs": errors,
        "connects": 1,
        "rtt": {"p99": rtt_us, "cnt": 3},
        "throttle": {"max": throttle_ms},
        "toppars": {"t-0": {"topic": "t"}},
    }
    return json.dumps(
        {
            "client_id": "x",
            "msg_cnt": queue,
            "tx_bytes": sent,
            "rx_bytes": 2 * sent,
            "brokers": {f"b{n}": broker for n in range(brokers)},
            "topics": {"t": {"partitions": {str(n): {"hi_offset": end} for n, end in enumerate(ends)} | {"-1": {}}}},
        }
    )


def test_counts_of_all_clients_add_up_and_a_closed_one_stays_counted():
    one, other = ClientWatch(), ClientWatch()
    one.hear(told(sent=100, errors=1, queue=7))
    other.hear(told(sent=10, queue=2))
    one.hear(told(sent=150, errors=1, queue=3))
    assert read_totals().counts == (160, 320, 1, 2, 0)
    assert read_totals().queue_records == 5
    one.close()
    assert read_totals().counts.sent_bytes == 160
    assert read_totals().queue_records == 2


def test_a_broker_that_is_forgotten_takes_nothing_back():
    watch = ClientWatch()
    watch.hear(told(errors=4, brokers=2))
    watch.hear(told(errors=4, brokers=1))
    assert read_totals().counts.request_errors == 8
    watch.hear(told(errors=5, brokers=1))
    assert read_totals().counts.request_errors == 9


def test_the_lag_is_what_stands_behind_our_own_positions():
    positions = {("t", 0): 5, ("t", 1): 9, ("t", 2): 1, ("u", 0): 3}
    watch = ClientWatch(positions)
    watch.hear(told(ends=(12, 9, -1001)))
    assert read_totals().lag_records == 7
    positions["t", 0] = 12
    watch.hear(told(ends=(12, 9, 1)))
    assert read_totals().lag_records == 0


def test_times_are_those_of_the_slowest_client_in_seconds():
    ClientWatch().hear(told(rtt_us=1_500, throttle_ms=20))
    ClientWatch().hear(told(rtt_us=2_500_000, throttle_ms=0))
    assert read_totals().round_trip_s == 2.5
    assert read_totals().throttle_s == 0.02


@pytest.mark.parametrize("text", ["", "[]", '{"brokers": 3}', '{"tx_bytes": "many"}', "\ud800"])
def test_what_cannot_be_read_is_said_and_stops_nothing(text, caplog):
    ClientWatch().hear(text)
    assert "statistics are not readable" in caplog.text
    assert read_totals().counts == (0, 0, 0, 0, 0)


def test_a_real_client_tells_its_watch(monkeypatch):
    """No broker is needed for that: it counts what waits for one."""
    monkeypatch.setattr(statistics, "INTERVAL_MS", 20)
    watch = ClientWatch()
    producer = Producer(watch.settings({"bootstrap.servers": "127.0.0.1:1", "log_level": 0}))
    producer.produce("lamp", b"a record for nobody")
    deadline = time.monotonic() + 30
    while not read_totals().queue_records and time.monotonic() < deadline:
        producer.poll(0.02)
    assert read_totals().queue_records == 1
