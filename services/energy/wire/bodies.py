"""What bodies of all three streams have in common: the taking over of a state."""

from typing import Annotated, Any, ClassVar

import msgspec
from pydantic import Field

from litopys.errors import Malformed
from litopys.service.sealing import Sealing
from litopys.service.wire.bodies import Body
from litopys.service.wire.parts import BasisPart, MomentText
from litopys.sourcing.common import Imported
from litopys.sourcing.shapes import shape_of
from services.energy.domain.recording import Record

APPLICATION = {"kind": "application", "document": "заява 60718", "issued": "2026-02-28"}
METERS = {"kind": "registrar", "document": "дані комерційного обліку", "issued": "2024-03-31"}
COURT = {"kind": "court", "document": "рішення у справі 534/117/26", "issued": "2026-02-11"}


class RecordBody(Body):
    """Take an object over as another register held it; its contradictions are listed, not refused."""

    makes: ClassVar[type[object]] = Record
    carries: ClassVar[type[Any]]
    as_of: MomentText
    state: Annotated[dict[str, Any], Field(description="As a query gives it")]
    basis: BasisPart

    def command(self, sealing: Sealing, imported: Imported | None = None) -> object:
        """Make the domain's command; raises Malformed where the state is none."""
        del sealing  # whoever is named in a state is an id in it
        state = read_state(self.carries, self.state)
        return Record(as_of=self.as_of, state=state, basis=self.basis.plain(), imported=imported)


def read_state(kind: type[Any], given: dict[str, Any]) -> Any:  # noqa: ANN401 - the aggregate's own state
    """Read a state whose members stand in any order, as JSON allows; raises Malformed for whatever is no state."""
    shape = shape_of(kind)
    try:
        ordered: Any = shape.encode(msgspec.convert(given, kind))
        # What the class does not know is left out by now: the strict decoder says what it is.
        return shape.decode(ordered if _sorted(ordered) == _sorted(given) else given)
    except Malformed as error:
        raise Malformed(f"the state given is none: {error}") from error
    except msgspec.ValidationError as error:
        # Its text may quote what was given; the path after it names our own members alone.
        path = str(error).rpartition(" - at ")[2] if str(error).endswith("`") and " - at `$" in str(error) else "`$`"
        raise Malformed(f"the state given is none: {path} is missing, or not as a query gives it") from None


def _sorted(value: object) -> bytes:
    return msgspec.json.encode(value, order="sorted")
