"""Commands of an aggregate as the generic service takes them, out of a decider and its bodies."""

from collections.abc import Mapping

from litopys.service.sealing import Sealing
from litopys.service.sector import CommandType
from litopys.service.wire.bodies import Body
from litopys.sourcing.common import Imported
from litopys.sourcing.deciding import Decider


def command_types(
    decider: Decider, bodies: Mapping[str, type[Body]], *, begins: frozenset[str]
) -> tuple[CommandType, ...]:
    """Describe commands by their bodies; those named in `begins` open a stream."""
    return tuple(
        CommandType(
            name=name,
            summary=(body.__doc__ or name).strip().split("\n")[0],
            wire=body,
            prepare=_prepare,
            decide=decider.decide,
            needs=decider.facts_needed,
            begins=name in begins,
        )
        for name, body in bodies.items()
    )


def _prepare(body: Body, sealing: Sealing, imported: Imported | None = None, /) -> object:
    return body.command(sealing, imported)
