"""The toy as a `Sector`: wire types, views, an importer of JSON lines."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from litopys.errors import Malformed
from litopys.exports.rows import Row
from litopys.postgres.sector_changes import Address
from litopys.service.imports.importer import Importer, ImportMark, Target, Verdict
from litopys.service.sealing import PersonalField, Sealing
from litopys.service.search.searchable import Search
from litopys.service.sector import AggregateType, CommandType, Sector
from litopys.sourcing.common import Imported
from litopys.sourcing.context import Context
from litopys.sourcing.facts import Decided, Fact
from litopys.sourcing.frame import StandardFrame
from litopys.sourcing.moments import is_before
from tests.support.toy_sector import domain as toy
from tests.support.toy_sector.lines import read_lines

Count = Annotated[int, Field(ge=1, le=2**53 - 1)]
Day = Annotated[str, Field(pattern="^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$")]


class Wire(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OpenBox(Wire):
    """Open a box."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"label": "shoes", "keeper": {"name": "Оля", "phone": None}}]}
    )
    label: Annotated[str, Field(min_length=1, max_length=20, pattern="^[a-z ]+$")]
    keeper: "KeeperWire | None" = None


class KeeperWire(Wire):
    name: Annotated[str, Field(min_length=1, max_length=50, pattern="^[А-Яа-яA-Za-z ]+$")]
    phone: Annotated[str, Field(min_length=1, max_length=20, pattern="^[0-9]+$")] | None = None


class HandOver(Wire):
    """Give the box to another keeper."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"keeper": {"name": "Роман", "phone": "2"}}]}
    )
    keeper: KeeperWire


class ChangeContent(Wire):
    """Put in or take out."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"count": 3, "valid_from": "2026-01-02"}]}
    )
    count: Count
    valid_from: Day


def seal_keeper(wire: KeeperWire, sealing: Sealing) -> toy.Keeper:
    person = sealing.seal_person(closed={"phone": wire.phone}, open_={"name": wire.name})
    return toy.Keeper(person.id, person.sd)


def seal_open(wire: OpenBox, sealing: Sealing, imported: Imported | None = None, /) -> toy.BoxOpened:
    keeper = None if wire.keeper is None else seal_keeper(wire.keeper, sealing)
    return toy.BoxOpened(wire.label, keeper, "sha-256", imported)


def seal_hand_over(wire: HandOver, sealing: Sealing, *_: object) -> toy.HandedOver:
    return toy.HandedOver(seal_keeper(wire.keeper, sealing), "sha-256")


def view(state: toy.Box) -> Mapping[str, Any]:
    return {"label": state.label, "content": state.content}


def view_at(facts: Sequence[Fact], valid_at: str) -> Mapping[str, Any] | None:
    content, label = 0, None
    for fact in facts:
        data: Any = fact.data
        if fact.name == "box_opened":
            label = data.label
        elif fact.name in {"items_added", "items_taken"} and not is_before(valid_at, data.valid_from):
            content += data.count if fact.name == "items_added" else -data.count
    return None if label is None else {"label": label, "content": content}


def targets(row: Row) -> Sequence[Target]:
    key = row.value.get("key")
    if not isinstance(key, str) or not key.isalnum():
        raise Malformed("a row without a key")
    return (Target(key, "box", key),)


def decide_row(
    row: Row,
    target: Target,
    state: toy.Box | None,
    *,
    context: Context,
    mark: ImportMark,
    sealing: Sealing,
    already: bool,
    before: Mapping[str, Address],
) -> Verdict:
    imported = Imported(mark.import_id, mark.record, mark.offset)
    if state is None:
        return Verdict([Decided("box_opened", 1, toy.BoxOpened(row.value["label"], None, "sha-256", imported))])
    if already:
        return Verdict([Decided("items_added", 1, toy.ItemsAdded(1, "2026", imported))])
    return Verdict()


BOXES = Importer(
    name="boxes",
    register="toy-boxes",
    title="Boxes as JSON lines",
    mapping_version=1,
    recognises=lambda path: path.suffix == ".jsonl",
    holds_personal_fields=False,
    count_rows=lambda path: path.read_bytes().count(b"\n"),
    rows=read_lines,
    targets=targets,
    decide=decide_row,
)
BOX_SEARCH = Search(
    terms={
        "label": "Boxes with exactly this label.",
        "filled": "`yes`: boxes with something in them; `no`: empty ones.",
    },
    patterns={"filled": "yes|no"},
    broad=frozenset({"filled"}),
    terms_of=lambda box: (("label", box.label), ("filled", "yes" if box.content else "no")),
    words_of=lambda box: (box.label,),
    persons_of=lambda box: () if box.keeper is None else (box.keeper,),
    person_fields={"name": "Boxes whose keeper has this name.", "phone": "Boxes whose keeper has this number."},
    open_fields=frozenset({"name"}),
)
CHANGES = (
    ("add-items", "Put things into the box", toy.ItemsAdded, toy.decide_add),
    ("take-items", "Take things out of the box", toy.ItemsTaken, toy.decide_take),
)
TOY = Sector(
    name="toy",
    title="Boxes",
    domains={1: toy.RULES},
    aggregates=(
        AggregateType(
            name="box",
            plural="boxes",
            title="Box",
            key_pattern="[A-Za-z0-9]{1,32}",
            key_example="b1",
            commands=(
                CommandType(
                    name="open",
                    summary="Open a box",
                    wire=OpenBox,
                    prepare=seal_open,
                    decide=toy.decide_open,
                    begins=True,
                ),
                CommandType(
                    name="hand-over",
                    summary="Give the box to another keeper",
                    wire=HandOver,
                    prepare=seal_hand_over,
                    decide=toy.decide_hand_over,
                ),
                *(
                    CommandType(
                        name=name,
                        summary=summary,
                        wire=ChangeContent,
                        prepare=lambda wire, _, imported=None, kind=kind: kind(wire.count, wire.valid_from, imported),
                        decide=decide,
                    )
                    for name, summary, kind, decide in CHANGES
                ),
            ),
            view=view,
            view_at=view_at,
            view_example={"label": "shoes", "content": 3},
            search=BOX_SEARCH,
            personal={
                "name": PersonalField("The keeper's name", is_open=True),
                "phone": PersonalField("The keeper's phone, which keepers' tokens carry", identifies=True),
            },
        ),
    ),
    frame=StandardFrame(),
    importers=(BOXES,),
)
