"""`litopys new-sector` and `litopys remove-sector`: a sector laid out in a checkout, and taken away again."""

from __future__ import annotations

import importlib.util
import keyword
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from litopys.cli.checkout import find_checkout, run_module, unkept
from litopys.cli.console import WrongUse, note, print_result
from litopys.cli.registering import next_port, overlays, with_line, with_service, without_line, without_service
from litopys.cli.template import Names, compose_service, laid_out

if TYPE_CHECKING:
    from collections.abc import Sequence

# Short enough for every line that they come to stand in.
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_PLURAL: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_MOST_LETTERS: Final = 24
_LEFT_TO_DO: Final = """
Left to do (docs/adding-a-sector.md):
  1. Say what is yours: services/{sector}/domain/{stream}/ and its rules.py, then wire, importers, sample, searches.
     Each change of events or rules:  python -m services.documents {sector}
     and, until they are committed:   python -m tests.contracts.golden_files --again {sector}
  2. Try it:      python -m pytest tests/contracts tests/unit/services/{sector} tests/house
  3. Run it:      make up   (a network that exists already names its sectors for good: make clean first)
                  and before the sector is removed: make clean
  4. See that it is wherever processes are listed:  python -m pytest tests/contracts tests/deploy"""


def new_sector(
    name: Annotated[str, typer.Argument(help="The sector in snake_case, such as archives.")],
    *,
    stream: Annotated[str, typer.Option(help="Its first kind of stream, in snake_case.")] = "record",
    plural: Annotated[str | None, typer.Option(help="As in paths; the stream with an s.")] = None,
    title: Annotated[str | None, typer.Option(help="For people; the name.")] = None,
) -> None:
    """Lay out a sector in this checkout: folder, tests, golden events, registrations. It runs as it stands.

    Example: litopys new-sector archives --stream case_file --title Archives
    """
    root = find_checkout("new-sector")
    names = Names(name, stream, plural or _plural(stream), title or name.replace("_", " ").capitalize())
    _check(root, names)
    files = [(root / place, text) for place, text in laid_out(names)]
    taken = [str(path.relative_to(root)) for path, _ in files if path.exists()]
    if taken:
        raise WrongUse(f"there is something already: {', '.join(taken)}")
    for path, text in files:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    compose = root / "docker-compose.yml"
    listed = compose.read_text(encoding="utf-8")
    compose.write_text(with_service(listed, compose_service(names, next_port(listed))), encoding="utf-8")
    for overlay in overlays(root):
        overlay.write_text(with_line(overlay.read_text(encoding="utf-8"), names.dns), encoding="utf-8")
    _put_in_order(root, [path for path, _ in files])
    run_module(root, "services.documents", name)
    run_module(root, "tests.contracts.golden_files")
    for path in _own_paths(root, name):
        print_result(f"laid out  {path.relative_to(root)}")
    print_result("registered in docker-compose.yml and deploy/k8s/overlays")
    print_result(_LEFT_TO_DO.format(sector=name, stream=stream))


def remove_sector(
    name: Annotated[str, typer.Argument(help="The sector.")],
    *,
    is_lost: Annotated[
        bool, typer.Option("--discard", help="Also what no commit has, and git could not bring back.")
    ] = False,
) -> None:
    """Take a sector out of this checkout: folder, tests, golden events, registrations.

    A network that ever had the sector cannot be validated without its rules: remove only what never ran in earnest.

    Example: litopys remove-sector archives
    """
    root = find_checkout("remove-sector")
    if not (root / "services" / name / "domain" / "__init__.py").exists():
        raise WrongUse(f"there is no sector {name}")
    paths = _own_paths(root, name)
    lost = unkept(root, paths)
    if lost and not is_lost:
        some = "\n  ".join(lost[:8])
        raise WrongUse(f"no commit has {len(lost)} files; commit them, or give them up with --discard:\n  {some}")
    for path in paths:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        print_result(f"removed  {path.relative_to(root)}")
    compose = root / "docker-compose.yml"
    compose.write_text(without_service(compose.read_text(encoding="utf-8"), name), encoding="utf-8")
    for overlay in overlays(root):
        overlay.write_text(without_line(overlay.read_text(encoding="utf-8"), _dns(name)), encoding="utf-8")
    print_result("removed from docker-compose.yml and deploy/k8s/overlays")


def _check(root: Path, names: Names) -> None:
    """Refuse names that could not be used; raises WrongUse."""
    for word in (names.sector, names.stream):
        if not _NAME.fullmatch(word) or keyword.iskeyword(word) or len(word) > _MOST_LETTERS:
            raise WrongUse(f"{word}: a name is snake_case, {_MOST_LETTERS} letters at most")
    if not _PLURAL.fullmatch(names.plural) or not re.fullmatch(r"[^\n\"\\{}]{1,40}", names.title):
        raise WrongUse("a plural is as in paths (case-files), a title a short line without quotes")
    if (root / "services" / names.sector).exists():
        raise WrongUse(f"services/{names.sector} is there already")
    for folder in (root / "services").glob(f"*/domain/{names.stream}"):
        raise WrongUse(f"{folder.relative_to(root)} has a stream of this name already: ids would meet")


def _plural(stream: str) -> str:
    words = stream.replace("_", "-")
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"


def _dns(name: str) -> str:
    return name.replace("_", "-")


def _own_paths(root: Path, name: str) -> list[Path]:
    tests = root / "tests"
    own = (
        root / "services" / name,
        root / "deploy" / "k8s" / "sectors" / _dns(name),
        tests / "unit" / "services" / name,
        tests / "contracts" / "stories" / f"{name}.py",
        tests / "contracts" / "golden" / name,
        tests / "support" / f"{name}.py",
    )
    return [path for path in own if path.exists()]


def _put_in_order(root: Path, paths: Sequence[Path]) -> None:
    """Let ruff sort and wrap what the names made longer, where it is installed."""
    if importlib.util.find_spec("ruff") is None:
        note("ruff is not installed: `make format` puts the new files in order", quiet=False)
        return
    sources = [str(path) for path in paths if path.suffix == ".py"]
    run_module(root, "ruff", "check", "--quiet", "--fix", "--exit-zero", *sources)
    run_module(root, "ruff", "format", "--quiet", *sources)
