"""The rules of a sector, and where each has its test."""

import ast
import functools
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from litopys.sourcing.rules import COMMON_RULES, Rule
from services.documents import EVERY_STREAM, SERVICES

_TESTS: Final = SERVICES.parent / "tests" / "unit"
_CODE: Final = re.compile(r"\^([a-z][a-z0-9-]*)")


class RuleTest(NamedTuple):
    """A test function that names a rule, and its file."""

    path: Path
    name: str


def rules_by_stream(sector: str) -> dict[str, tuple[Rule, ...]]:
    """Give a sector's rules by aggregate: those of every stream first, then each aggregate's own."""
    found: dict[str, tuple[Rule, ...]] = {EVERY_STREAM: COMMON_RULES}
    for path in sorted((SERVICES / sector / "domain").glob("*/rules.py")):
        name = path.parent.name
        found[name] = importlib.import_module(f"services.{sector}.domain.{name}.rules").RULES
    return found


def find_test(sector: str, stream: str, code: str) -> RuleTest | None:
    """Find the test of a rule; None where no test names it.

    A test names a rule by `refused("code")`, by `match=r"^code"` of what is raised, or by the marker
    `@pytest.mark.rule("code", …)` where its codes stand in a table. The rules of every stream are tested with the
    library, the others with their sector: first in files whose path has the aggregate's name.
    """
    folder = _TESTS / "sourcing" if stream == EVERY_STREAM else _TESTS / "services" / sector
    found = _tests_by_code(folder).get(code, [])
    return next((one for one in found if stream in str(one.path)), found[0] if found else None)


@functools.cache
def _tests_by_code(folder: Path) -> dict[str, list[RuleTest]]:
    found: dict[str, list[RuleTest]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for code in sorted(set(_codes_named(node))):
                    found.setdefault(code, []).append(RuleTest(path, node.name))
    return found


def _codes_named(test: ast.AST) -> Iterator[str]:
    for call in (node for node in ast.walk(test) if isinstance(node, ast.Call)):
        callee = ast.unparse(call.func)
        texts = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if callee == "refused":
            yield from texts[:1]
        elif callee == "pytest.mark.rule":
            yield from texts
        elif callee == "pytest.raises":
            yield from (match[1] for one in call.keywords if (match := _code_matched(one)))


def _code_matched(keyword: ast.keyword) -> re.Match[str] | None:
    is_text = isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
    return _CODE.match(keyword.value.value) if keyword.arg == "match" and is_text else None  # type: ignore[attr-defined]
