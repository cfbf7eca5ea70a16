"""A sector as `litopys new-sector` lays it out passes everything as it stands, and goes without a trace."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from litopys.cli.template import Names, laid_out
from tests.house.tree import ROOT, tracked_files

pytestmark = pytest.mark.timeout(900)  # each runs a part of this suite, and mypy or ruff, over a whole copy

# The second has the longest names: lines that they come to stand in must not be too long.
NAMES = [("specimens", "tried_specimen"), ("weights_and_measures_nat", "weighbridge_verification")]


@pytest.fixture(scope="module", params=NAMES, ids=lambda names: names[0])
def checkout(request, tmp_path_factory):
    """A copy of this checkout under git, into which a sector was laid."""
    sector, stream = request.param
    root = tmp_path_factory.mktemp("checkout")
    for path in tracked_files():
        copy = root / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    if (ROOT / ".mypy_cache").exists():
        shutil.copytree(ROOT / ".mypy_cache", root / ".mypy_cache")
    run(root, "git", "init", "-q")
    run(root, "git", "add", "-A")
    run(root, "git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "as it was")
    litopys(root, "new-sector", sector, "--stream", stream)
    return root, sector


def run(root: Path, *command: str) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "shared"), str(root)])}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    return done.stdout


def litopys(root: Path, *arguments: str) -> str:
    return run(root, sys.executable, "-m", "litopys.cli.main", *arguments)


def pytest_passed(root: Path, *arguments: str) -> int:
    """Run tests in the copy; gives how many passed."""
    told = run(root, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments)
    return int(told.rpartition(" passed")[0].split()[-1])


def test_it_keeps_the_contracts_and_its_own_tests_pass(checkout):
    root, sector = checkout
    deselected = ("--ignore=tests/contracts/test_template.py", "-k", sector)
    assert pytest_passed(root, "tests/contracts", *deselected) >= 20
    assert pytest_passed(root, f"tests/unit/services/{sector}") > 10


def test_it_keeps_the_house(checkout):
    root, sector = checkout
    run(root, sys.executable, "-m", "ruff", "check", "--no-cache", ".")
    run(root, sys.executable, "-m", "ruff", "format", "--no-cache", "--check", ".")
    run(root, sys.executable, "-m", "mypy", "-p", f"services.{sector}")
    names = ("imports", "sizes", "documented", "tracked")
    assert pytest_passed(root, *(f"tests/house/test_{name}.py" for name in names)) > 10


def test_golden_files_are_written_again_until_a_commit_has_them(checkout):
    root, sector = checkout
    golden = root / "tests" / "contracts" / "golden" / sector / "1" / "life.events.jsonl"
    before = golden.read_bytes()
    story = root / "tests" / "contracts" / "stories" / f"{sector}.py"
    told = story.read_text()
    story.write_text(told.replace("сховище 2", "сховище 22"))
    again = (sys.executable, "-m", "tests.contracts.golden_files", "--again", sector)
    run(root, *again)
    assert golden.read_bytes() == before.replace("сховище 2".encode(), "сховище 22".encode()) != before
    story.write_text(told)
    run(root, *again)
    assert golden.read_bytes() == before
    kept = subprocess.run(
        [*again[:-1], "registers"], cwd=root, env={**os.environ, "PYTHONPATH": f"{root}/shared:{root}"}, check=False
    )
    assert kept.returncode != 0
    assert (root / "tests/contracts/golden/registers/1").exists()


def test_it_goes_without_a_trace_but_never_unkept(checkout):
    root, sector = checkout
    refused = subprocess.run(
        [sys.executable, "-m", "litopys.cli.main", "remove-sector", sector],
        cwd=root,
        env={**os.environ, "PYTHONPATH": f"{root}/shared:{root}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    assert "--discard" in refused.stderr
    assert (root / "services" / sector / "sector.py").exists()
    litopys(root, "remove-sector", sector, "--discard")
    assert run(root, "git", "status", "--porcelain") == ""


def test_every_word_of_the_template_is_filled_in():
    files = dict(laid_out(Names("archives", "case_file", "case-files", "Archives")))
    assert not [path for path, text in files.items() if "{{" in text or "}}" in text.replace("}}}", "")]
    assert not [path for path in files if "SECTOR" in str(path) or "STREAM" in str(path)]
