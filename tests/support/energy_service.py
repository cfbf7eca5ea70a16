"""The sector's HTTP interface in memory: commands go through bodies, looks at other streams, decisions and bytes."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from litopys.errors import RuleViolated
from litopys.event.cloudevents import format_event
from litopys.service.writing import Stream
from litopys.sourcing.context import Context
from services.energy.issuing.service import Refused, Seen
from services.energy.sector import SECTOR
from tests.support.driving import NOW, Driven
from tests.support.energy import DOMAIN


class MemoryStore:
    """The streams of the sector as a command would look them up."""

    def __init__(self, subject: str, streams: Mapping[str, Driven]) -> None:
        self.subject = subject
        self._streams = streams

    async def streams(self, subjects: Sequence[str]) -> dict[str, Stream]:
        found = {one: self._streams.get(one) for one in subjects}
        return {one: Stream(one, d.version, d.state) if d else Stream(one, 0, None) for one, d in found.items()}

    async def facts(self, subject: str) -> list[Any]:
        return self._streams[subject].facts if subject in self._streams else []


class MemoryService:
    """Stands for `EnergyService`."""

    def __init__(self, streams: dict[str, Driven]) -> None:
        self.streams = streams
        self.commands = 0

    def read(self, plural: str, key: str) -> Seen | None:
        kind = self._kind(plural)
        stream = self.streams.get(f"{kind.name}:{key}")
        return None if stream is None else Seen(stream.version, dict(kind.view(stream.state)))

    def history(self, plural: str, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
        stream = self.streams[f"{self._kind(plural).name}:{key}"]
        for event in stream.events:
            yield event.streamversion, json.loads(format_event(event))

    def command(self, path: str, body: Mapping[str, Any], *, version: int | None = None) -> int:
        plural, rest = path.split("/", 1)
        key, _, name = rest.rpartition("/")
        kind = self._kind(plural)
        subject = f"{kind.name}:{key}"
        stream = self.streams.get(subject) or Driven(DOMAIN, None, subject)
        assert version == (stream.version or None), path
        command_type = next(one for one in kind.commands if one.name == name)
        try:
            command = command_type.prepare(command_type.wire.model_validate_json(json.dumps(body)), stream.sealing)
            if command_type.gather is not None:
                asyncio.run(command_type.gather(command, MemoryStore(subject, self.streams)))
            context = Context(subject=subject, version=stream.version, actor="officer", time=NOW)
            for one in command_type.decide(command, stream.state, context):
                stream.take(one, "officer")
        except RuleViolated as error:
            raise Refused(path, error.code, str(error)) from error
        self.streams[subject] = stream
        self.commands += 1
        return stream.version

    def _kind(self, plural: str) -> Any:
        return next(one for one in SECTOR.aggregates if one.plural == plural)
