"""The JSON documents that a sector answers with."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from litopys.postgres.sector_verdicts import Status

Version = Annotated[int, Field(ge=1, lt=1 << 53, examples=[1])]


class EventStatus(BaseModel):
    """What became of an acknowledged event. `index` and `height` are there when it is final, `reason` when rejected."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "subject": "land_parcel:5322081200:00:001:0003",
                    "version": 2,
                    "status": "final",
                    "index": 51240,
                    "height": 312,
                    "reason": None,
                }
            ]
        }
    )
    subject: str
    version: Version
    status: Literal["pending", "sealed", "final", "rejected"]
    index: int | None
    height: int | None
    reason: str | None

    @classmethod
    def of(cls, status: Status) -> "EventStatus":
        """Show a status."""
        return cls(
            subject=status.subject,
            version=status.version,
            status=status.state.value,
            index=status.index,
            height=status.height,
            reason=status.reason,
        )


class ObjectState(BaseModel):
    """An object of the register: what is public of it, under the stream version that says so."""

    subject: str
    version: Version
    recorded_at: Annotated[str | None, Field(description="The recorded time that was asked for.")]
    valid_at: Annotated[str | None, Field(description="The valid time that was asked for.")]
    object: dict[str, Any]


class ObjectPage(BaseModel):
    """Objects in order of their keys; the Link header leads on."""

    items: list[ObjectState]
    next: Annotated[str | None, Field(description="Cursor of the next page, null at the end.")]


class FoundPage(ObjectPage):
    """Objects that a search by a closed field found; `access` is the address of the event that recorded the search."""

    access: str


class RecordedEvent(BaseModel):
    """One event of an object's history: the CloudEvent exactly as it was recorded, as JSON."""

    version: Version
    event: dict[str, Any]


class HistoryPage(BaseModel):
    """Events of one object in order of their versions."""

    subject: str
    items: list[RecordedEvent]
    next: Annotated[str | None, Field(description="Cursor of the next page, null at the end.")]


class FinalBlockNotice(BaseModel):
    """A block became final, as far as this sector has taken note."""

    height: int
    block_index: int
    final_at: datetime


OfficeText = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]
WhyText = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]
DisclosureText = Annotated[str, Field(min_length=1, max_length=60_000, pattern="^[A-Za-z0-9_-]+$")]


class DisclosureRequest(BaseModel):
    """Who asks for personal fields, in which office, why, and which."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"office": "notary 77", "why": "contract of sale 123", "fields": ["name", "rnokpp"]}]
        },
    )
    office: OfficeText
    why: WhyText
    fields: Annotated[list[Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,62}$")]], Field(min_length=1, max_length=32)]


class Disclosed(BaseModel):
    """One disclosure: its digest stands in the event at that version. Null where erased; `erased_by` says by what."""

    version: Version
    person: str
    name: str
    digest: str
    disclosure: str | None
    erased_by: str | None


class Disclosures(BaseModel):
    """Disclosures of one object; `access` is the address of the event that recorded this release, if one had to."""

    subject: str
    access: str | None
    items: list[Disclosed]


class OwnAccessesRequest(BaseModel):
    """A person asks who looked: named by the `code` of the token, or by a closed disclosure of theirs."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}]})
    disclosure: DisclosureText | None = None


class AccessesRequest(BaseModel):
    """An officer of the supervisory body asks who looked: in which office, and why."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"office": "ombudsman's office", "why": "complaint 12/2026"}]}
    )
    office: OfficeText
    why: WhyText


class AccessTold(BaseModel):
    """One access: when, to which versions of the object, and the disclosures of `who`, `office`, `why` and `fields`.

    With the receipt of the event at `access`, each disclosure is a proof of what it says. Null is erased; what a
    restored database has lost is absent.
    """

    access: str
    recorded_at: datetime
    version: Version
    disclosures: dict[str, str | None]


class Accesses(BaseModel):
    """Accesses to one object's fields in order of time; `access` is the event that recorded this answer itself."""

    subject: str
    access: str
    items: list[AccessTold]
    next: Annotated[str | None, Field(description="Cursor of the next page, null at the end.")]
