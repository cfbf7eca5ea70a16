"""An importer whose rows speak of several boxes: `{"id", "boxes": [{"label", "holds"}]}`, a line each."""

from collections.abc import Mapping, Sequence

from litopys.errors import Malformed
from litopys.exports.rows import Row
from litopys.postgres.sector_changes import Address
from litopys.service.imports.importer import Importer, ImportMark, Target, Verdict
from litopys.service.sealing import Sealing
from litopys.sourcing.common import Imported
from litopys.sourcing.context import Context
from litopys.sourcing.facts import Decided
from tests.support.toy_sector import domain as toy
from tests.support.toy_sector.lines import read_lines

HEAVY = 100


def targets(row: Row) -> Sequence[Target]:
    key = row.value.get("id")
    if not isinstance(key, str):
        raise Malformed("a row without an id")
    return [
        Target(f"{key}/{nth}", "box", found_by=("label", box["label"])) for nth, box in enumerate(row.value["boxes"])
    ]


def decide(
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
    said = row.value["boxes"][int(target.source_key.rpartition("/")[2])]
    decided = []
    imported = Imported(mark.import_id, mark.record, mark.offset)
    if state is None:
        decided.append(Decided("box_opened", 1, toy.BoxOpened(said["label"], None, "sha-256", imported)))
    more = said["holds"] - (state.content if state else 0)
    if more:
        kind, name = (toy.ItemsAdded, "items_added") if more > 0 else (toy.ItemsTaken, "items_taken")
        decided.append(Decided(name, 1, kind(abs(more), "2026", imported)))
    return Verdict(decided, ["a heavy box"] if said["holds"] > HEAVY else [])


PACKINGS = Importer(
    name="packings",
    register="toy-packings",
    title="Packings as JSON lines",
    mapping_version=1,
    recognises=lambda path: path.suffix == ".packings",
    holds_personal_fields=False,
    count_rows=lambda path: path.read_bytes().count(b"\n"),
    rows=read_lines,
    targets=targets,
    decide=decide,
)
