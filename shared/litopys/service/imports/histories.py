"""`histories`: streams of any kind as JSON lines, each with the commands that made it; every sector can import them.

    {"source_key": "17", "aggregate": "land_parcel", "key": "…", "commands": [{"command": "record", "body": {…}}, …]}

A body is what HTTP takes for this command; `key` null draws a random id. A line seen again may have more commands at
its end: those alone are admitted. Any other change of it is refused, for what is recorded is corrected by officers.
"""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

from pydantic import ValidationError

from litopys.errors import Malformed, RuleViolated
from litopys.exports.json_lines import count_rows, first_value, read_rows
from litopys.exports.json_text import NumberText, write_json
from litopys.service.imports.importer import Importer, Target, Verdict
from litopys.sourcing.common import Imported
from litopys.sourcing.deciding import fact_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from litopys.exports.rows import Row
    from litopys.postgres.sector_changes import Address
    from litopys.service.imports.importer import ImportMark
    from litopys.service.sealing import Sealing
    from litopys.service.sector import AggregateType, CommandType, Sector
    from litopys.sourcing.aggregates import Aggregate
    from litopys.sourcing.context import Context
    from litopys.sourcing.facts import Decided

HISTORIES: Final = "histories"
_MEMBERS: Final = {"source_key", "aggregate", "key", "commands"}
_RANDOM_KEY: Final = "0" * 32


class Step(NamedTuple):
    """One command of a history: its name, and its body as JSON text."""

    name: str
    body: str


@dataclass(frozen=True, slots=True)
class History:
    """One line, read."""

    source_key: str
    aggregate: str
    key: str | None
    steps: tuple[Step, ...]

    def content(self, count: int) -> bytes:
        """Give the form by which changes are told, as if the line had only its first `count` commands."""
        return write_json([self.aggregate, self.key, *map(list, self.steps[:count])]).encode()

    def steps_known(self, mark: ImportMark) -> int:
        """Tell how many commands were there when the line was imported last; raises RuleViolated where they differ."""
        for count in range(len(self.steps), -1, -1):
            if mark.was(self.content(count)):
                return count
        raise RuleViolated("history-changed", "the line may grow, but what it said before is corrected by officers")


def format_history(
    *, source_key: str, aggregate: str, key: str | None, commands: Iterable[tuple[str, Mapping[str, Any]]]
) -> bytes:
    """Write a line, for a sample: `commands` are names with their bodies."""
    steps = [{"command": name, "body": body} for name, body in commands]
    line = {"source_key": source_key, "aggregate": aggregate, "key": key, "commands": steps}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def importers_of(sector: Sector) -> tuple[Importer, ...]:
    """Give all importers of a sector: its own, and that of histories."""
    return (*sector.importers, histories(sector))


def histories(sector: Sector) -> Importer:
    """Make the importer of histories for a sector's aggregates."""
    telling = _Histories(sector)
    return Importer(
        name=HISTORIES,
        register=f"{sector.name}: histories",
        title="Streams of any kind with the commands that made them, as JSON lines",
        mapping_version=1,
        recognises=telling.recognises,
        holds_personal_fields=True,
        count_rows=count_rows,
        rows=_rows,
        targets=telling.targets,
        decide=telling.decide,
    )


class _Histories:
    """Reads histories of one sector. A line is tried by its newest rules, and written under those in force."""

    def __init__(self, sector: Sector) -> None:
        self._types = {one.name: one for one in sector.aggregates}
        self._aggregates = sector.domains[max(sector.domains)].aggregates

    def recognises(self, path: Path) -> bool:
        """Tell whether a file's first line is a history of this sector."""
        value = first_value(path)
        return isinstance(value, dict) and value.keys() == _MEMBERS and value["aggregate"] in self._types

    def targets(self, row: Row) -> tuple[Target]:
        """Tell the stream of a line; raises Malformed where its key cannot be one."""
        history: History = row.value
        pattern = self._type(history).key_pattern
        if not re.fullmatch(pattern, _RANDOM_KEY if history.key is None else history.key):
            raise Malformed(f"{history.aggregate}: " + ("it needs a key" if history.key is None else "no such key"))
        return (Target(history.source_key, history.aggregate, history.key),)

    def decide(
        self,
        row: Row,
        target: Target,
        state: Any,  # noqa: ANN401 - each aggregate has its own state
        *,
        context: Context,
        mark: ImportMark,
        sealing: Sealing,
        already: bool,
        before: Mapping[str, Address],
    ) -> Verdict:
        """Do the commands that are new, one after another; a refusal names the command by its number."""
        del target, before  # a line is about its stream alone
        history: History = row.value
        commands = {one.name: one for one in self._type(history).commands}
        told = _Told(self._aggregates[history.aggregate], state, context)
        imported = Imported(mark.import_id, mark.record, mark.offset)
        known = history.steps_known(mark) if already else 0
        for number, step in enumerate(history.steps[known:], known + 1):
            try:
                told.do(_command_type(commands, step), step, sealing=sealing, imported=imported)
            except RuleViolated as error:
                raise RuleViolated(error.code, f"command {number}, {step.name}: {error.detail}") from error
            except Malformed as error:
                raise Malformed(f"command {number}, {step.name}: {error}") from error
        return Verdict(told.decided)

    def _type(self, history: History) -> AggregateType:
        if history.aggregate not in self._types:
            raise Malformed("no aggregate of this sector")
        return self._types[history.aggregate]


class _Told:
    """The stream as the commands of a line leave it, one after another."""

    def __init__(self, aggregate: Aggregate, state: Any, context: Context) -> None:  # noqa: ANN401 - any state
        self._aggregate = aggregate
        self._state = state
        self._context = context
        self.decided: list[Decided] = []

    def do(self, command_type: CommandType, step: Step, *, sealing: Sealing, imported: Imported) -> None:
        """Decide on one command and take its events in."""
        try:
            body = command_type.wire.model_validate_json(step.body)
        except ValidationError as error:
            raise Malformed(_first_problem(error)) from error
        command = command_type.prepare(body, sealing, imported)
        for decided in command_type.decide(command, self._state, self._context):
            if decided.name in ("proposed", "approved"):
                raise Malformed("what is proposed is not migrated, but what came of it")
            fact = fact_of(decided, self._context)
            before, self._state = self._state, self._aggregate.apply(self._state, fact)
            if self._context.steps is not None:
                self._context.steps.note(self._aggregate, before, fact=fact, after=self._state)
            facts = {**self._context.facts, fact.version: fact}
            self._context = dataclasses.replace(self._context, version=fact.version, facts=facts)
            self.decided.append(decided)


def _rows(file: BinaryIO, *, number: int, offset: int) -> Iterator[Row]:
    for row in read_rows(file, number=number, offset=offset):
        if row.refusal is not None:
            yield row
            continue
        try:
            history = _read(row.value)
        except Malformed as error:
            yield row._replace(refusal=str(error))
        else:
            yield row._replace(value=history, content=history.content(len(history.steps)))


def _read(value: Any) -> History:  # noqa: ANN401 - any JSON value
    """Read a line; raises Malformed where it is no history."""
    if not isinstance(value, dict) or value.keys() != _MEMBERS:
        raise Malformed(f"a history has {', '.join(sorted(_MEMBERS))}, and nothing else")
    source_key, aggregate, key, commands = (value[name] for name in ("source_key", "aggregate", "key", "commands"))
    if not (_is_text(source_key) and _is_text(aggregate) and (key is None or _is_text(key))):
        raise Malformed("source_key, aggregate and key are texts")
    if not isinstance(commands, list) or not commands:
        raise Malformed("a history has commands")
    return History(source_key, aggregate, key, tuple(_step(number, one) for number, one in enumerate(commands, 1)))


def _step(number: int, value: Any) -> Step:  # noqa: ANN401 - any JSON value
    if not isinstance(value, dict) or value.keys() != {"command", "body"} or not _is_text(value["command"]):
        raise Malformed(f"command {number} is not of the form {{command, body}}")
    return Step(value["command"], write_json(value["body"]))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not isinstance(value, NumberText) and value != ""


def _command_type(commands: Mapping[str, CommandType], step: Step) -> CommandType:
    if step.name not in commands:
        raise Malformed(f"no such command; there are {', '.join(sorted(commands))}")
    return commands[step.name]


def _first_problem(error: ValidationError) -> str:
    """Say what is wrong with a body, and where, without quoting what stands there."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"body{''.join(f'/{part}' for part in first['loc'])}: {first['msg']}{more}"
