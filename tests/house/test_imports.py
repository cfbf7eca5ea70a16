"""Who may touch what. Each line of RULES is a sentence of ARCHITECTURE.md; an exception stands here with its reason."""

import ast
import subprocess
import sys
import textwrap

import pytest

from tests.house.tree import ROOT, imports, sources

PURE = ("tlog", "note", "event", "ledger", "sourcing")
# room → (rooms of the library it may use, what others wrote that it may use)
RULES = {
    "errors": ((), ()),
    "cancellation": ((), ()),
    "steps": ((), ()),
    "tlog": ((), ()),
    "note": (("tlog",), ("cryptography",)),
    "event": (("tlog", "note"), ("msgspec",)),
    "ledger": (("tlog", "note", "event"), ("msgspec",)),
    "sourcing": (("event",), ("msgspec",)),
    "postgres": ((*PURE, "cancellation", "steps"), ("asyncpg", "msgspec")),
    "kafka": (PURE, ("confluent_kafka", "msgspec")),
    "replica": ((*PURE, "steps", "postgres", "kafka"), ("asyncpg", "httpx2", "msgspec", "stamina")),
    "exports": ((), ()),
    "service": ((*PURE, "cancellation", "steps", "postgres", "kafka", "replica", "exports"), None),
    "audit": ((*PURE, "postgres", "kafka", "replica"), ()),
    "cli": ((*PURE, "postgres", "kafka", "replica", "exports", "service", "audit"), None),
}
# What a domain may know of Python: nothing whose answer depends on the machine, the day or the version of a table.
DOMAIN_STDLIB = {
    "__future__",
    "base64",
    "collections",
    "collections.abc",
    "dataclasses",
    "datetime",
    "enum",
    "fractions",
    "functools",
    "hashlib",
    "itertools",
    "math",
    "re",
    "types",
    "typing",
}
WHOLE = {"gcd", "lcm", "isqrt"}  # of math: what stays among whole numbers
IMPURE = {
    *("asyncio", "concurrent", "ctypes", "getpass", "http", "importlib", "io", "locale", "logging", "multiprocessing"),
    *("os", "pathlib", "pickle", "platform", "random", "secrets", "select", "shelve", "shutil", "signal", "socket"),
    *("sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid"),
}
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "breakpoint"}
# path → why it makes code at run time
MAKES_CODE = {"shared/litopys/sourcing/straight.py": "straight code out of our own field names, as dataclasses does"}
CLOCKS = {"now", "utcnow", "today", "fromtimestamp", "astimezone"}


def library():
    return [source for source in sources() if source.module.split(".")[0] == "litopys"]


def is_pure(source):
    return source.room in PURE or ".domain" in source.module


def is_domain(source):
    return source.module.startswith("services.") and ".domain" in source.module


def test_every_room_has_its_rule():
    assert {source.room for source in library()} - {"litopys"} == RULES.keys()


def test_library_rooms_use_only_what_stands_below_them():
    wrong = []
    for source in library():
        if source.room == "litopys":
            continue
        rooms, others = RULES[source.room]
        for name, line in imports(source):
            top = name.split(".")[0]
            if top == "litopys":
                used = [*name.split("."), ""][1]
                if used not in {"", "errors", source.room, *rooms}:
                    wrong.append(f"{source.path}:{line} {source.room} uses {name}")
            elif top in {"services", "deploy", "tests"}:
                wrong.append(f"{source.path}:{line} the library uses {name}")
            elif others is not None and top not in sys.stdlib_module_names and top not in others:
                wrong.append(f"{source.path}:{line} {source.room} uses {name}")
    assert not wrong, "\n".join(wrong)


def test_services_use_the_library_and_the_catalogue_but_not_each_other():
    wrong = []
    for source in sources():
        if not source.module.startswith("services.") or source.module == "services.catalogue":
            continue
        for name, line in imports(source):
            is_service = name.startswith("services.") and name != "services.catalogue"
            if is_service and ".".join(name.split(".")[:2]) != source.room:
                wrong.append(f"{source.path}:{line} {source.room} uses {name}")
            if name.split(".")[0] in {"deploy", "tests"} or name.startswith("litopys.cli"):
                wrong.append(f"{source.path}:{line} {source.room} uses {name}")
    assert not wrong, "\n".join(wrong)


def test_domains_rest_on_nothing_that_changes():
    wrong = []
    for source in filter(is_domain, sources()):
        ours = ("litopys.sourcing", "litopys.event", "litopys.errors", ".".join(source.module.split(".")[:3]))
        for name, line in imports(source):
            if name not in DOMAIN_STDLIB and not name.startswith(ours):
                wrong.append(f"{source.path}:{line} imports {name}")
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ImportFrom) and node.module == "math":
                wrong += [
                    f"{source.path}:{node.lineno} math.{name.name}" for name in node.names if name.name not in WHOLE
                ]
            is_number = isinstance(node, ast.Constant) and isinstance(node.value, float | complex)
            if is_number or (isinstance(node, ast.Name) and node.id == "float"):
                wrong.append(f"{source.path}:{node.lineno} float")
    assert not wrong, "\n".join(wrong)


def test_pure_rooms_have_no_clock_no_randomness_and_no_io():
    wrong = []
    for source in filter(is_pure, sources()):
        wrong += [
            f"{source.path}:{line} imports {name}" for name, line in imports(source) if name.split(".")[0] in IMPURE
        ]
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                called = node.func
                if isinstance(called, ast.Name) and called.id in IMPURE_CALLS and source.path not in MAKES_CODE:
                    wrong.append(f"{source.path}:{node.lineno} calls {called.id}")
                if isinstance(called, ast.Attribute) and called.attr in CLOCKS:
                    wrong.append(f"{source.path}:{node.lineno} reads a clock or a time zone: {called.attr}")
            if isinstance(node, ast.AsyncFunctionDef | ast.Await):
                wrong.append(f"{source.path}:{node.lineno} waits")
    assert not wrong, "\n".join(wrong)


def test_no_data_check_rests_on_assert():
    wrong = [
        f"{source.path}:{node.lineno}"
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assert)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("module", ["litopys.cli.main", "litopys.ledger.receipts", "litopys.note.policies"])
def test_verifying_needs_the_base_dependencies_only(module):
    """An auditor installs the library without extras: Kafka, Postgres and the web must not be missed."""
    script = f"""
        import importlib, sys
        class Refuse:
            def find_spec(self, name, path=None, target=None):
                if name.split(".")[0] in {{"confluent_kafka", "asyncpg", "fastapi", "uvicorn", "pydantic", "structlog",
                                         "prometheus_client", "joserfc", "stamina", "httpx2", "uvloop", "ijson",
                                         "stdnum", "uuid_utils", "services"}}:
                    raise ImportError("not part of the base: " + name)
        sys.meta_path.insert(0, Refuse())
        importlib.import_module({module!r})
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
