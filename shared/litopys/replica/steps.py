"""The durable writes of a validator, in the one order in which they happen, each a place where it may be killed.

Before each step nothing of it is durable; after it, all of it is. A kill between two steps loses nothing, because the
next start finds what the last durable step left and goes on from there:

| step | lost before it | taken, reply lost |
|---|---|---|
| IDENTITY | pinned at the next start | found equal at the next start |
| PARTITIONS | made at the next start | found at the next start |
| VOTES_FOUND | found again on the topic or at a peer | already there: inserted once |
| BLOCK | the block is read and judged again, and its vote with it | the head is in the database: goes on after it |
| VOTE | the stored vote is published at the next start | the topic has it: not published again |
| COSIGNATURES | read again from the stored position | position and rows came together: not read again |
| CAUGHT_UP | fetched and verified again from the peer | the head is in the database: goes on after it |
| EVIDENCE | found again, from the same records | its digest is there: kept once |
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple


class Step(Enum):
    """A durable write; the order of the members is the order in which one start and one block pass them."""

    IDENTITY = "network, validator, cluster and topic ids pinned"
    PARTITIONS = "tables for the coming entries made"
    VOTES_FOUND = "own cosignatures found outside taken as votes"
    BLOCK = "block, entries, tiles, streams, rejections, offsets and vote, in one transaction"
    VOTE = "cosignature published to Kafka"
    COSIGNATURES = "cosignatures, the log's lines, final bodies and their topic position, in one transaction"
    CAUGHT_UP = "blocks of another validator, verified, without votes, in one transaction"
    EVIDENCE = "contradicting bytes kept"


class Moment(NamedTuple):
    """A point just before or just after a step."""

    step: Step
    is_done: bool


Passing = Callable[[Moment], None]
"""Told of every moment as it passes; a test's may kill the process or raise in it."""


def pass_on(_moment: Moment) -> None:
    """Do nothing: what production passes."""
