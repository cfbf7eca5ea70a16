"""Subjects of the EDR as plain values, whether a JSON record or an XML element held them; and which file is whose."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from litopys.errors import Malformed
from litopys.exports.json_list import first_item
from litopys.exports.rows import Row
from litopys.exports.xml import Element, read_elements

SUBJECT: Final = "SUBJECT"
# All exports of the EDR call their records SUBJECT. What they hold tells legal entities from the others.
_OF_OTHERS: Final = {
    "TYPE_BRANCH": "public formations and divisions (FSU)",
    "TYPE_SUBJECT": "public formations and divisions (FSU)",
    "FARMER": "entrepreneurs (FOP)",
    "ESTATE_MANAGER": "entrepreneurs (FOP)",
}
_OF_ENTITIES: Final = frozenset(
    {"EDRPOU", "OPF", "SHORT_NAME", "FOUNDERS", "SIGNERS", "STATUTE", "SUPERIOR_MANAGEMENT", "AUTHORIZED_CAPITAL"}
)
_OF_NOTARIES: Final = frozenset({"FIO", "LICENSE", "NAME_ORGANIZATION"})


def read_subjects(file: BinaryIO, *, number: int, offset: int) -> Iterator[Row]:
    """Yield the subjects of an XML export as plain values; one that is no legal entity is refused with its kind."""
    for row in read_elements(file, SUBJECT, number=number, offset=offset):
        yield row if row.refusal is not None else _as_subject(row)


def count_subjects(path: Path) -> int | None:
    """Count the subjects of an XML export by their closing tags, which takes a fraction of reading it."""
    count, rest = 0, b""
    end = b"</" + SUBJECT.encode() + b">"
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                chunk = rest + chunk
                count += chunk.count(end)
                rest = chunk[-len(end) + 1 :]
    except OSError:
        return None
    return count


def is_edr_json(path: Path) -> bool:
    """Tell whether a file is a list of the EDR's JSON records."""
    return {"RECORD", "EDRPOU"} <= set(first_item(path))


def is_edr_xml(path: Path) -> bool:
    """Tell whether a file is an export of legal entities; raises Malformed for one of the EDR's neighbours, by name.

    Their records are natural persons or other bodies: nothing of them may pass for a legal entity.
    """
    first = _first_element(path, SUBJECT)
    if first is not None:
        kind = other_kind({child.name for child in first.children})
        if kind is not None:
            raise Malformed(f"an export of {kind}: there is no importer for its records")
        return True
    notary = _first_element(path, "RECORD")
    if notary is not None and _OF_NOTARIES & {child.name for child in notary.children}:
        raise Malformed("an export of notaries: there is no importer for its records")
    return False


def value_of(element: Element) -> Any:  # noqa: ANN401 - texts, lists and objects
    """Give an element as a plain value: its text, or an object of what stands within; what repeats is a list."""
    if not element.children and not element.attributes:
        return element.text
    value: dict[str, Any] = {f"@{name}": text for name, text in element.attributes.items()}
    for child in element.children:
        item = value_of(child)
        if child.name not in value:
            value[child.name] = item
        elif isinstance(value[child.name], list):
            value[child.name].append(item)
        else:
            value[child.name] = [value[child.name], item]
    if element.text.strip():
        value["#text"] = element.text
    return value


def other_kind(names: set[str]) -> str | None:
    """Name the kind of subject that has these elements, None for a legal entity.

    An entrepreneur's record need not have more than a name: what lacks all that entities alone have is taken for one.
    """
    found = sorted(kind for name, kind in _OF_OTHERS.items() if name in names)
    if found:
        return found[0]
    return None if _OF_ENTITIES & names else "entrepreneurs (FOP)"


def _as_subject(row: Row) -> Row:
    value = value_of(row.value)
    names = set(value) if isinstance(value, dict) else set()
    kind = other_kind(names)
    if kind is not None:
        return row._replace(value=None, refusal=f"no legal entity by its elements, but of {kind}")
    return row._replace(value=value)


def _first_element(path: Path, name: str) -> Element | None:
    try:
        with path.open("rb") as file:
            row = next(read_elements(file, name, number=1, offset=0), None)
    except (Malformed, OSError):
        return None
    return row.value if row is not None and isinstance(row.value, Element) else None
