"""Personal fields as the ledger sees them, digests; and sealed persons as `decide` gets them."""

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

from litopys.sourcing.constraints import Pattern

RANDOM_ID = "[0-9a-f]{32}"

RandomId = Annotated[str, Pattern(RANDOM_ID)]
"""128 random bits: a person, relation or stream that nothing on the ledger joins to another."""

Digest = Annotated[str, Pattern("[A-Za-z0-9_-]{43}")]
"""base64url of a SHA-256, without padding."""

DigestAlgorithm = Literal["sha-256"]


class SealedPerson(NamedTuple):
    """A person in a command: id and digests go into events, the plain fields are for register rules alone."""

    id: str
    fields: Mapping[str, object]
    sd: tuple[str, ...]
