"""Event sourcing without I/O: strict shapes, facts, aggregates, domains, and what all aggregates have in common.

Pure: no clock, no randomness, no third-party code of its own. What an event's data may look like and what it does to
a state is decided here and in the sectors' domains, and must be decided alike on every machine for as long as the
ledger exists.
"""

from litopys.sourcing.aggregates import Aggregate
from litopys.sourcing.codec import content_digest, decode_state, encode_state
from litopys.sourcing.context import Context
from litopys.sourcing.domains import MOST_STATE_BYTES, Domain, domain, next_domain
from litopys.sourcing.facts import Decided, Fact
from litopys.sourcing.personal import SealedPerson
from litopys.sourcing.schemas import json_schema
from litopys.sourcing.shapes import Shape, ShapeMismatch, shape_of

__all__ = [
    "MOST_STATE_BYTES",
    "Aggregate",
    "Context",
    "Decided",
    "Domain",
    "Fact",
    "SealedPerson",
    "Shape",
    "ShapeMismatch",
    "content_digest",
    "decode_state",
    "domain",
    "encode_state",
    "json_schema",
    "next_domain",
    "shape_of",
]
