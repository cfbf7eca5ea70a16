"""What is measured on asking, what stands at 0 from the start, and how a halt, a key and a certificate are told."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from prometheus_client import REGISTRY

from litopys.errors import Halted, Malformed
from litopys.kafka.faults import OffsetGap, RecordBroken, RecordsGone, RecordsLost
from litopys.kafka.identity import ClusterChanged
from litopys.kafka.statistics import Counts, Totals
from litopys.kafka.topics import TopicRefused
from litopys.ledger.evidence import EvidenceKind
from litopys.ledger.network import Term
from litopys.postgres.ledger_identity import WrongDatabase
from litopys.postgres.migrations import MigrationDrift
from litopys.replica.finality import QuorumElsewhere
from litopys.service import measuring, metrics
from services.validator.doubting import KafkaDiffers


def value(name, **labels):
    return REGISTRY.get_sample_value(name, labels)


def test_kafka_counters_grow_by_what_was_added_since_the_last_scrape(monkeypatch):
    told = [Totals(Counts(100, 50, 1, 2, 3), 4, 5, 0.25, 0.5)]
    monkeypatch.setattr(measuring, "read_totals", lambda: told[-1])
    before = value("litopys_kafka_sent_bytes_total")
    monkeypatch.setattr(measuring, "_counted", [Counts()])
    measuring.measure_clients()
    measuring.measure_clients()
    told.append(told[0]._replace(counts=Counts(170, 50, 1, 2, 3), queue_records=0))
    measuring.measure_clients()
    assert value("litopys_kafka_sent_bytes_total") - before == 170
    assert value("litopys_kafka_queue_records") == 0
    assert value("litopys_kafka_lag_records") == 5
    assert value("litopys_kafka_round_trip_seconds") == 0.25


def test_what_may_be_found_one_day_is_shown_at_zero_before():
    measuring.begin_integrity_metrics(["nobody"])
    measuring.begin_failures("peer-head")
    for kind in EvidenceKind:
        assert value("litopys_evidence_total", reason=kind) is not None
    assert value("litopys_cosignatures_total", validator="nobody") == 0
    assert value("litopys_verification_failures_total", reason="peer-head") is not None
    assert value("litopys_halt_reason_state", reason="offset-gap") == 0


@pytest.mark.parametrize(
    ("error", "reason"),
    [(OffsetGap("x"), "offset-gap"), (MigrationDrift("x"), "migration-drift"), (Halted("x"), "halted")],
)
def test_a_halt_is_told_with_its_reason(error, reason):
    measuring.begin_integrity_metrics()
    measuring.measure_halt(ExceptionGroup("", [ExceptionGroup("", [error])]))
    assert value("litopys_halted_state") == 1
    assert {r for r in measuring.HALT_REASONS | {"halted"} if value("litopys_halt_reason_state", reason=r)} == {reason}
    metrics.HALTED.set(0)


NAMED = (
    *(ClusterChanged, KafkaDiffers, MigrationDrift, OffsetGap, QuorumElsewhere),
    *(RecordBroken, RecordsGone, RecordsLost, TopicRefused, WrongDatabase),
)


def test_every_reason_of_a_halt_is_an_error_of_ours():
    assert {measuring.halt_reason(ExceptionGroup("", [kind("x")])) for kind in NAMED} == measuring.HALT_REASONS


@pytest.mark.parametrize(
    ("terms", "height", "left"),
    [
        ([Term(0, None)], 10, math.inf),
        ([Term(0, 100)], 10, 89),
        ([Term(0, 12)], 10, 1),
        ([Term(0, 11)], 10, 0),
        ([Term(0, 100), Term(5, 200)], 10, 189),
        ([Term(50, 100)], 10, 0),
        ([], 10, 0),
    ],
)
def test_a_key_is_good_for_so_many_blocks(terms, height, left):
    measuring.measure_key(terms, height=height)
    assert value("litopys_key_left_blocks") == left
    assert sum(any(term.holds(h) for term in terms) for h in range(height + 1, height + 1 + min(left, 500))) == min(
        left, 500
    )


def test_a_certificate_is_told_by_the_time_at_which_it_ends(tmp_path):
    key, ends = Ed25519PrivateKey.generate(), datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sector-registers")])
    made = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=ends - timedelta(days=1),
        not_valid_after=ends,
    ).sign(key, None)
    file = tmp_path / "user.crt"
    file.write_bytes(made.public_bytes(Encoding.PEM))
    measuring.measure_certificate(file)
    assert value("litopys_certificate_end_seconds") == ends.timestamp()
    file.write_text("no certificate")
    with pytest.raises(Malformed, match=r"user\.crt"):
        measuring.measure_certificate(file)
    metrics.CERTIFICATE_END_SECONDS.set(0)
    measuring.measure_certificate(None)
    assert value("litopys_certificate_end_seconds") == 0
