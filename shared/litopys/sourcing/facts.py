"""What a domain says and hears: a fact is an event with its data typed; a decided fact has no address yet."""

from typing import NamedTuple

from litopys.event.streams import Citation


class Fact(NamedTuple):
    """An event of one stream, its data decoded: all that a rule may look at."""

    subject: str
    version: int
    name: str
    type_version: int
    time: str
    actor: str
    cites: tuple[Citation, ...]
    data: object


class Decided(NamedTuple):
    """An event that `decide` wants: the shell adds id, address, time, actor, source and signature."""

    name: str
    type_version: int
    data: object
    cites: tuple[Citation, ...] = ()
