"""The source files of the project, parsed once, for the tests that keep the house."""

import ast
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FOLDERS = ("shared/litopys", "services", "deploy")
BUILT = {"var", "build", "dist", "__pycache__"}


class Source(NamedTuple):
    """One Python file: its path from the root, its dotted name, its text and its tree."""

    path: str
    module: str
    text: str
    tree: ast.Module

    @property
    def room(self):
        """`tlog` of `litopys.tlog.tree`, `services.sealer` of `services.sealer.main`."""
        parts = self.module.split(".")
        return parts[1] if parts[0] == "litopys" and len(parts) > 1 else ".".join(parts[:2])


@cache
def sources():
    """Every Python file of library, services and deployment."""
    found = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")) if not BUILT & {*path.parts}]
    return tuple(_source(path) for path in found)


def _source(path):
    relative = path.relative_to(ROOT)
    parts = relative.with_suffix("").parts
    parts = parts[1:] if parts[0] == "shared" else parts
    module = ".".join(part for part in parts if part != "__init__")
    text = path.read_text()
    return Source(str(relative), module, text, ast.parse(text))


def imports(source):
    """Every module that a file imports, wherever the import stands, as (dotted name, line)."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = (
                    source.module.split(".") if source.path.endswith("__init__.py") else source.module.split(".")[:-1]
                )
                base = ".".join([*package[: len(package) - node.level + 1], *([base] if base else [])])
            # `from litopys import tlog` imports litopys.tlog
            yield from (
                (f"{base}.{alias.name}" if base in {"litopys", "services"} else base, node.lineno)
                for alias in node.names
            )


def functions(source):
    """Every function and method, however deep."""
    return [node for node in ast.walk(source.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@cache
def tracked_files():
    """What git would hand to others: tracked files and new ones not ignored; without git, all but the built."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)
    if listed.returncode == 0 and listed.stdout:
        return tuple(path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())
    hidden = (".git", ".venv", "_cache", ".hypothesis", *BUILT)
    return tuple(
        path for path in ROOT.rglob("*") if path.is_file() and not any(part.endswith(hidden) for part in path.parts)
    )
