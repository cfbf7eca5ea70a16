"""Commands of an aggregate as the generic service takes them, out of a decider and its bodies."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litopys.service.gathering import Gathering
from litopys.service.sealing import Sealing
from litopys.service.sector import CommandType
from litopys.service.wire.bodies import Body
from litopys.sourcing.common import Imported
from litopys.sourcing.deciding import Decider


def command_types(
    decider: Decider,
    bodies: Mapping[str, type[Body]],
    *,
    begins: frozenset[str],
    gathers: Mapping[str, Callable[[Any, Gathering], Awaitable[object]]] | None = None,
) -> tuple[CommandType, ...]:
    """Describe commands by their bodies; those named in `begins` open a stream, those in `gathers` see others."""
    return tuple(
        CommandType(
            name=name,
            summary=(body.__doc__ or name).strip().split("\n")[0],
            wire=body,
            prepare=_prepare,
            decide=decider.decide,
            needs=decider.facts_needed,
            begins=name in begins,
            gather=(gathers or {}).get(name),
        )
        for name, body in bodies.items()
    )


def _prepare(body: Body, sealing: Sealing, imported: Imported | None = None, /) -> object:
    return body.command(sealing, imported)
