"""What is measured only when somebody asks for the metrics, and what is known from the start of a process."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cryptography import x509

from litopys.errors import Malformed
from litopys.kafka.statistics import Counts, read_totals
from litopys.ledger.evidence import EvidenceKind
from litopys.postgres.pool import read_pool_use
from litopys.service import metrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from litopys.errors import Halted
    from litopys.ledger.network import Term
    from litopys.steps import Step

HALT_REASONS = frozenset(
    {
        "offset-gap",
        "records-lost",
        "records-gone",
        "record-broken",
        "cluster-changed",
        "topic-refused",
        "quorum-elsewhere",
        "kafka-differs",
        "wrong-database",
        "migration-drift",
    }
)
HALTED = "halted"
"""The reason of a halt that has no name of its own."""

_counted = [Counts()]


def measure_clients() -> None:
    """Bring the metrics of Kafka's clients up to what they have told."""
    totals = read_totals()
    grown = Counts(*(new - old for new, old in zip(totals.counts, _counted[0], strict=True)))
    _counted[0] = totals.counts
    metrics.KAFKA_SENT_BYTES.inc(grown.sent_bytes)
    metrics.KAFKA_RECEIVED_BYTES.inc(grown.received_bytes)
    metrics.KAFKA_REQUEST_ERRORS.inc(grown.request_errors)
    metrics.KAFKA_CONNECTS.inc(grown.connects)
    metrics.KAFKA_DISCONNECTS.inc(grown.disconnects)
    metrics.KAFKA_QUEUE_RECORDS.set(totals.queue_records)
    metrics.KAFKA_LAG_RECORDS.set(totals.lag_records)
    metrics.KAFKA_ROUND_TRIP_SECONDS.set(totals.round_trip_s)
    metrics.KAFKA_THROTTLE_SECONDS.set(totals.throttle_s)


def measure_pools() -> None:
    """Say how the connections to Postgres are used now."""
    use = read_pool_use()
    metrics.POOL_USED_CONNECTIONS.set(use.used)
    metrics.POOL_LIMIT_CONNECTIONS.set(use.limit)


def measure_step(step: Step, seconds: float) -> None:
    """Count a durable step that was taken, under its name in small letters (`read-back`)."""
    metrics.STEP_SECONDS.labels(step.name.lower().replace("_", "-")).observe(seconds)


def measure_relations(sizes: Mapping[str, int]) -> None:
    """Say how large the tables are, in bytes by their names."""
    for name, size in sizes.items():
        metrics.RELATION_BYTES.labels(name).set(size)


def begin_failures(*reasons: str) -> None:
    """Show failures at 0 before the first of them: a series that begins at 1 has not risen for Prometheus."""
    for reason in reasons:
        metrics.VERIFICATION_FAILURES.labels(reason)


def begin_integrity_metrics(validators: Iterable[str] = ()) -> None:
    """Show at 0 whatever a sealer or a validator may find one day (see `begin_failures`)."""
    for reason in (*HALT_REASONS, HALTED):
        metrics.HALT_REASON.labels(reason).set(0)
    for kind in EvidenceKind:
        metrics.EVIDENCE.labels(kind)
    for name in validators:
        metrics.COSIGNATURES.labels(name)


def measure_halt(group: BaseExceptionGroup[Halted]) -> None:
    """Say that this process stands still from now on, and why."""
    metrics.HALTED.set(1)
    metrics.HALT_REASON.labels(halt_reason(group)).set(1)


def halt_reason(group: BaseExceptionGroup[Halted]) -> str:
    """Name the reason of the first error of a group: its class in words, where that is one of HALT_REASONS."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in type(error).__name__)[1:]
    return words if words in HALT_REASONS else HALTED


def measure_key(terms: Iterable[Term], *, height: int) -> None:
    """Say for how many blocks after `height` a key with these terms is still good."""
    ends = [math.inf if term.until is None else term.until for term in terms if term.holds(height + 1)]
    metrics.KEY_LEFT_BLOCKS.set(max((end - (height + 1) for end in ends), default=0))


def measure_certificate(file: Path | None) -> None:
    """Say when the certificate ends that this process connects to Kafka with. Raises Malformed, OSError."""
    if file is None:
        return
    try:
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
    except ValueError as error:
        raise Malformed(f"{file} holds no certificate: {error}") from error
    metrics.CERTIFICATE_END_SECONDS.set(certificate.not_valid_after_utc.timestamp())
