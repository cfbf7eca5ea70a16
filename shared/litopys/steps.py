"""The durable writes of sector service, sealer and validator, each a place where a process may be killed.

Before a step nothing of it is durable; after it, all of it is. A kill between two steps loses nothing, because the
next start finds what the last durable step left and goes on from there. ARCHITECTURE.md tells of each what recovery
finds when the write is lost, and when it is taken and only the reply is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple


class Step(Enum):
    """A durable write; the members of a process stand in the order in which it passes them."""

    # the sector service
    ACKNOWLEDGED = "events with their streams, outbox, disclosures, search entries and answer, in one transaction"
    IMPORTED = "rows of an import with their events and the place in the file, in one transaction"
    ERASED_AGAIN = "disclosures that came back from a backup erased once more"
    SIGNED = "signature lines of what is about to be published"
    PUBLISHED = "signed events published to Kafka"
    READ_BACK = "what stands on the own topic, foreign events and positions, in one transaction"
    FINAL = "final blocks with the verdicts on the own records, in one transaction"
    SETTLED = "rejections answered: published again, or their streams stopped, in one transaction"
    SET_BACK = "a stopped stream set back to what the ledger admitted, in one transaction"
    # the sealer
    SEALED = "block published to Kafka"
    COUNTERSIGNED = "the log's signature of a final checkpoint published to Kafka"
    # the validator
    IDENTITY = "network, validator, cluster and topic ids pinned"
    PARTITIONS = "tables for the coming entries made"
    VOTES_FOUND = "own cosignatures found outside taken as votes"
    BLOCK = "block, entries, tiles, streams, rejections, offsets and vote, in one transaction"
    VOTE = "cosignature published to Kafka"
    COSIGNATURES = "cosignatures, the log's lines, final bodies and their topic position, in one transaction"
    CAUGHT_UP = "blocks of another validator, verified, without votes, in one transaction"
    EVIDENCE = "contradicting bytes kept"


_ALL = tuple(Step)
SECTOR = _ALL[: _ALL.index(Step.SEALED)]
SEALER = (Step.SEALED, Step.COUNTERSIGNED)
VALIDATOR = _ALL[_ALL.index(Step.IDENTITY) :]


class Moment(NamedTuple):
    """A point just before or just after a step."""

    step: Step
    is_done: bool


Passing = Callable[[Moment], None]
"""Told of every moment as it passes; a test's may kill the process or raise in it."""


def pass_on(_moment: Moment) -> None:
    """Do nothing: what production passes."""
