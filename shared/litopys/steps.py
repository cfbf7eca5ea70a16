"""The durable writes of sector service, sealer and validator, each a place where a process may be killed.

Before a step nothing of it is durable; after it, all of it is. A kill between two steps loses nothing, because the
next start finds what the last durable step left and goes on from there. ARCHITECTURE.md tells of each what recovery
finds when the write is lost, and when it is taken and only the reply is lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import NamedTuple

SECTOR, IMPORT, RELAY, SEALER, VALIDATOR = "sector", "import", "relay", "sealer", "validator"


class Step(Enum):
    """A durable write; the members of a process stand in the order in which it passes them."""

    INDEXED = SECTOR, "a page of search entries built anew, or that all of an aggregate are, in one transaction"
    ACKNOWLEDGED = (
        SECTOR,
        "events with streams, outbox, disclosures, search entries and answer, in one transaction",
    )
    ON_RECORD = SECTOR, "the record that somebody looks at personal data or searches by it, before anything is shown"
    IMPORTED = IMPORT, "rows of an import with their events and the place in the file, in one transaction"
    READ_TO_END = IMPORT, "that an import has come to the end of its file"
    ENDED = IMPORT, "keys that an import is the first to miss, and its end, in one transaction"
    BEGUN = RELAY, "cluster and topic pinned, answers older than a week forgotten, in one transaction"
    ERASED_AGAIN = RELAY, "disclosures that came back from a backup erased once more"
    SIGNED = RELAY, "signature lines of what is about to be published, what must wait held back, in one transaction"
    PUBLISHED = RELAY, "signed events published to Kafka"
    READ_BACK = RELAY, "what stands on the own topic, foreign events and positions, in one transaction"
    NAMED = RELAY, "up to where blocks have named the own topic; shown, and decided upon by nobody"
    FINAL = RELAY, "final blocks with the verdicts on the own records, in one transaction"
    SETTLED = RELAY, "rejections answered: published again, or their streams stopped, in one transaction"
    SET_BACK = RELAY, "a stopped stream set back to what the ledger admitted, in one transaction"
    RELEASED = RELAY, "held events let go whose citations are final"
    SEALED = SEALER, "block published to Kafka"
    COUNTERSIGNED = SEALER, "the log's signature of a final checkpoint published to Kafka"
    IDENTITY = VALIDATOR, "network, validator, cluster and topic ids pinned"
    PARTITIONS = VALIDATOR, "tables for the coming entries made"
    VOTES_FOUND = VALIDATOR, "own cosignatures found outside taken as votes"
    BLOCK = VALIDATOR, "block, entries, tiles, streams, rejections, offsets and vote, in one transaction"
    VOTE = VALIDATOR, "cosignature published to Kafka"
    COSIGNATURES = VALIDATOR, "cosignatures, the log's lines and their topic position, in one transaction"
    QUORUMS = VALIDATOR, "bodies found final by counting the stored cosignatures"
    CAUGHT_UP = VALIDATOR, "blocks of another validator, verified, without votes, in one transaction"
    EVIDENCE = VALIDATOR, "contradicting bytes kept"

    def __init__(self, process: str, content: str) -> None:
        self.process = process
        self.content = content


def steps_of(process: str) -> tuple[Step, ...]:
    """Return the steps of a kind of process, in order."""
    return tuple(step for step in Step if step.process == process)


class Moment(NamedTuple):
    """A point just before or just after a step."""

    step: Step
    is_done: bool


Passing = Callable[[Moment], None]
"""Told of every moment as it passes; a test's may kill the process or raise in it."""


def pass_on(_moment: Moment) -> None:
    """Do nothing: what production passes."""


@contextmanager
def passed(step: Step, passing: Passing) -> Iterator[None]:
    """A step that is taken by what is done inside, wherever that is kept."""
    passing(Moment(step, is_done=False))
    began = time.perf_counter()
    yield
    tell_duration(step, time.perf_counter() - began)
    passing(Moment(step, is_done=True))


Measuring = Callable[[Step, float], None]
"""Told of every step that was taken, and of the seconds of its write, from all being said to its being durable."""


def _tell_nobody(_step: Step, _seconds: float) -> None:
    """Until a process says whom."""


_measuring: list[Measuring] = [_tell_nobody]


def measure_steps(measuring: Measuring) -> None:
    """Tell `measuring`, and no one before it, of every step that this process takes from now on."""
    _measuring[0] = measuring


def tell_duration(step: Step, seconds: float) -> None:
    """Tell that a step was taken, by whoever takes it."""
    _measuring[0](step, seconds)
