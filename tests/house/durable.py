"""What writes durably, read off the source: statements, records, files; and whether a named step holds each of them.

A function that is handed its connection writes for its caller. One that finds a connection, a producer or a file by
itself has to write inside `durable_step`, `durable_step_on`, `step` or `passed`.
"""

import ast
import re
from functools import cache
from typing import NamedTuple

from tests.house.tree import Source

STEPS = {"durable_step", "durable_step_on", "step", "passed"}
WRITING_SQL = re.compile(
    r"\b(insert\s+into|update\s+[\w.]+(\s+(as\s+)?\w+)?\s+set|delete\s+from|merge\s+into|truncate|create|alter|drop|grant"
    r"|revoke|copy\s+\S+\s+from|nextval|setval|lo_\w+"
    r"|ensure_entry_partitions|reject_events)\b",  # functions of a database's owner
    re.IGNORECASE,
)
# Methods of a connection or a pool that take a statement first; what has them goes by one of these names.
SAYING = {"execute", "executemany", "executescript", "fetch", "fetchval", "fetchrow", "fetchmany", "cursor", "prepare"}
CONNECTIONS = {"connection", "pool", "session", "database"}
COPYING = {"copy_records_to_table", "copy_to_table"}
# What writes files, whoever it is called on. `replace` is a text's method too: what it moves was opened before.
FILING = {"write_text", "write_bytes", "mkdir", "makedirs", "rename", "symlink_to", "unlink", "rmdir"}
PUBLISHING = {"produce", "publish"}
FILING_IN = {"shutil", "tempfile", "sqlite3"}
_METHOD = re.compile(r"\.[A-Z]\w*\.\w+$")
_WRITING_MODE = re.compile("[wax+]")


class Function(NamedTuple):
    """A function or method by its dotted name; `cls` is the class it stands in, or empty."""

    name: str
    source: Source
    cls: str
    node: ast.AST

    @property
    def is_given_a_connection(self):
        """Whether its caller hands it the connection, and with it the duty to have a step around."""
        arguments = self.node.args
        notes = [one.annotation for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        return any(isinstance(note, ast.Name) and note.id == "Connection" for note in notes)


class Write(NamedTuple):
    """A durable write in a function that no step holds there: what it is, and in which line."""

    function: Function
    what: str
    line: int

    @property
    def place(self):
        """How the list of exceptions names it."""
        return f"{self.function.name}: {self.what}"


def unheld_writes(functions, reading=frozenset()):
    """Every write that neither a step holds nor the caller answers for.

    `reading` are functions whose statements cannot be read off the source and are known to write nothing.
    """
    unheld = [
        (one, call)
        for one in functions
        if one.name not in reading
        for call, is_held in _calls(one.node, is_held=False)
        if not is_held
    ]
    direct = [Write(one, what, call.lineno) for one, call in unheld if (what := _writing(call, one))]
    callings = [(_called(call, one), Write(one, "call", call.lineno)) for one, call in unheld]
    duties: set[str] = set()
    while True:
        methods = {name.rpartition(".")[2] for name in duties if _METHOD.search(name)}
        found = direct + [write for called, write in callings if called in duties or called in methods]
        more = {write.function.name for write in found if write.function.is_given_a_connection} - duties
        if not more:
            return [write for write in found if not write.function.is_given_a_connection]
        duties |= more


def functions_in(source):
    """Every function and method of a file; nested ones are read with the one they stand in."""
    return list(_functions_below(source.tree.body, source, ""))


def _functions_below(body, source, cls):
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Function(".".join(filter(None, (source.module, cls, node.name))), source, cls, node)
        elif isinstance(node, ast.ClassDef):
            yield from _functions_below(node.body, source, f"{cls}.{node.name}".strip("."))
        elif isinstance(node, ast.If | ast.Try):
            yield from _functions_below(node.body, source, cls)


def _calls(node, *, is_held):
    """Every call below a node, and whether a step is around it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child, is_held
        if isinstance(child, ast.With | ast.AsyncWith):
            for item in child.items:
                yield from _calls(item, is_held=is_held)
            inside = is_held or any(_name(item.context_expr) in STEPS for item in child.items)
            for one in child.body:
                yield from _calls(ast.Module([one], []), is_held=inside)
        else:
            yield from _calls(child, is_held=is_held)


def _name(node):
    """The last name of what is called: `step` of `self.step(…)`."""
    called = node.func if isinstance(node, ast.Call) else node
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _writing(call, function):
    """Say what a call writes, or None."""
    name = _name(call)
    owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    if name in SAYING and owner:
        return _statement(call, function, owner)
    if name in COPYING:
        return "rows"
    if name in PUBLISHING and owner:
        return "records"
    if name in FILING or owner.partition(".")[0] in FILING_IN or _opens_to_write(call, owner):
        return "file"
    return None


def _statement(call, function, owner):
    """`statement` for one that writes, `unreadable` for one that cannot be read off the source."""
    texts = _texts(call.args[0] if call.args else None, function.source)
    if any(map(WRITING_SQL.search, texts)):
        return "statement"
    is_said_to_a_database = owner.rpartition(".")[2].removeprefix("_") in CONNECTIONS
    return "unreadable" if is_said_to_a_database and not texts else None


def _texts(node, source):
    """The constant parts of a statement, looked up where it has a name; nothing where it is not constant."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return [one.value for one in values if isinstance(one, ast.Constant)]
        case ast.Name(id=name):
            return _texts(_constants(source).get(name), source)
        case ast.Call(func=ast.Attribute(value=form, attr="format"), args=args, keywords=keywords):
            parts = [_texts(one, source) for one in (form, *args, *(keyword.value for keyword in keywords))]
            return [text for texts in parts for text in texts] if all(parts) else []
        case ast.IfExp(body=body, orelse=orelse):
            either = _texts(body, source), _texts(orelse, source)
            return [text for texts in either for text in texts] if all(either) else []
        case _:
            return []


@cache
def _constants(source):
    """What a file assigns at its top."""
    return {
        target.id: node.value
        for node in source.tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _opens_to_write(call, owner):
    name = _name(call)
    if owner == "os" and name in {"open", "fdopen"}:
        return any(flag in ast.unparse(call) for flag in ("O_WRONLY", "O_RDWR", "O_CREAT"))
    if name != "open":
        return False
    given = [*call.args[0 if owner else 1 :][:1], *(one.value for one in call.keywords if one.arg == "mode")]
    # A method called `open` that takes no text is none of a path.
    known = [mode.value for mode in given if isinstance(mode, ast.Constant)]
    return any(_WRITING_MODE.search(str(mode)) for mode in known) or (not owner and len(known) < len(given))


def _called(call, function):
    """The dotted name of the function that is called; of a method of who knows whom, its bare name."""
    source, known = function.source, _known(function.source)
    match call.func:
        case ast.Name(id=name):
            return known.get(name, f"{source.module}.{name}")
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return f"{source.module}.{function.cls}.{name}"
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in known:
            return f"{known[owner]}.{name}"
        case ast.Attribute(attr=name):
            return name
        case _:
            return ""


@cache
def _known(source):
    """Names that a file imports from others, in full."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
