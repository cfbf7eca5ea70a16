"""JSON that a validator answers: documented shapes, no behaviour. Bytes are base64 (RFC 4648 §4), as in notes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from litopys.event.streams import SUBJECT_PATTERN

MOST_ADDRESSES = 256
"""As many addresses are looked up with one request."""

Base64 = Annotated[str, Field(examples=["NNcvuFFIcA+ogJXjSS0/n1vrQ+VV5f8m2V9aatw2+OY="])]
Reason = Annotated[str, Field(examples=["stream-version"])]


class RangeView(BaseModel):
    """A contiguous range of one partition's offsets, `end` excluded."""

    sector: Annotated[str, Field(examples=["registers"])]
    partition: Annotated[int, Field(examples=[3])]
    first: Annotated[int, Field(examples=[1200])]
    end: Annotated[int, Field(examples=[1512])]


class BlockView(BaseModel):
    """A stored block. `time` (milliseconds are never known) is for display and stands only once it is final."""

    height: Annotated[int, Field(examples=[17])]
    status: Literal["sealed", "final"]
    hash: Base64
    previous: Base64
    sealer: Annotated[str, Field(examples=["a"])]
    first_index: Annotated[int, Field(examples=[51233])]
    events: Annotated[int, Field(description="admitted events", examples=[310])]
    rejected: Annotated[int, Field(examples=[2])]
    tree_size: Annotated[int, Field(examples=[51544])]
    root: Base64
    offset: Annotated[int | None, Field(description="where it stands on the blocks topic: a hint", examples=[17])]
    time: Annotated[str | None, Field(examples=["2026-11-23T09:30:00Z"])]
    ranges: list[RangeView]


class BlockPage(BaseModel):
    """Blocks, newest first."""

    blocks: list[BlockView]
    next: Annotated[str | None, Field(description="cursor of the next page")]


class EntryView(BaseModel):
    """An entry of the ledger: an event with its signature line, or a block entry's text."""

    index: Annotated[int, Field(examples=[51240])]
    kind: Literal["event", "block"]
    height: Annotated[int, Field(examples=[17])]
    status: Literal["sealed", "final"]
    event: Annotated[dict[str, Any] | None, Field(description="the CloudEvent, for reading; `entry` holds the bytes")]
    entry: Base64
    previous: Annotated[int | None, Field(description="index of the entry before it in its stream")]


class StreamPage(BaseModel):
    """Entries of one stream, newest first."""

    subject: Annotated[str, Field(examples=["land_parcel:3220881300:04:001:0012"])]
    version: Annotated[int, Field(examples=[4])]
    entries: list[EntryView]
    next: str | None


class RejectionView(BaseModel):
    """A refused record; its bytes are at `/rejected/<height>/<number>`."""

    height: Annotated[int, Field(examples=[17])]
    number: Annotated[int, Field(examples=[0])]
    sector: Annotated[str, Field(examples=["registers"])]
    partition: int
    offset: int
    reason: Reason
    subject: str | None
    version: int | None


class RejectionPage(BaseModel):
    """Refused records of final blocks, oldest first."""

    rejections: list[RejectionView]
    next: str | None


class AddressView(BaseModel):
    """What is known of an address (stream and version).

    `pending`: not in a block that this validator has checked. `rejected`: a record for it was refused and none
    admitted; until another event is final there, the same event may still be published again.
    """

    subject: str
    version: int
    status: Literal["pending", "sealed", "final", "rejected"]
    index: int | None
    height: int | None
    reason: Reason | None
    rejections: list[RejectionView]


class AddressesBody(BaseModel):
    """Addresses to look up at once, each `<stream>@<version>`."""

    model_config = ConfigDict(extra="forbid")
    addresses: Annotated[
        list[Annotated[str, Field(pattern=f"^{SUBJECT_PATTERN}@[1-9][0-9]{{0,14}}$")]],
        Field(min_length=1, max_length=MOST_ADDRESSES, examples=[["land_parcel:3220881300:04:001:0012@1"]]),
    ]


class StandingView(BaseModel):
    """What stands at an address: `pending` while nothing that this validator has checked does."""

    address: Annotated[str, Field(examples=["land_parcel:3220881300:04:001:0012@1"])]
    status: Literal["pending", "sealed", "final"]
    index: Annotated[int | None, Field(examples=[51240])]
    type: Annotated[str | None, Field(examples=["ua.gov.litopys.registers.land_parcel.recorded.v1"])]


class StandingsView(BaseModel):
    """What stands at each of the addresses asked for, in their order."""

    standings: list[StandingView]


class VoteView(BaseModel):
    """A cosignature seen of one validator."""

    size: Annotated[int, Field(examples=[51544])]
    root: Base64
    timestamp: Annotated[int, Field(description="seconds since 1970, as signed", examples=[1795426200])]
    line: Annotated[str, Field(description="the signature line")]


class VotePage(BaseModel):
    """Cosignatures of one validator, by rising size."""

    validator: str
    votes: list[VoteView]
    next: str | None


class AccusedView(BaseModel):
    """Whom a piece of evidence names; of a `key` that the network file does not list, the name is the key id."""

    role: Literal["validator", "sealer", "log", "key", "broker"]
    name: Annotated[str, Field(examples=["lviv"])]


class EvidenceView(BaseModel):
    """A piece of evidence: what it shows, whom it accuses (nobody, where `accused` is null), and the raw bytes."""

    kind: Annotated[str, Field(examples=["double-vote"])]
    accused: AccusedView | None
    words: Annotated[str, Field(examples=["validator lviv cosigned two roots at one tree size"])]
    detail: Annotated[str, Field(examples=["signed two roots at size 51544"])]
    size: Annotated[int | None, Field(description="tree size, where it is about one", examples=[51544])]
    found: Annotated[str, Field(description="when, by this validator's clock", examples=["2026-11-23T09:30:00Z"])]
    first: Base64
    second: Base64


class EvidencePage(BaseModel):
    """Evidence that this validator keeps, oldest first."""

    evidence: list[EvidenceView]
    next: str | None
