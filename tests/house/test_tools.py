"""ruff and mypy, with the settings of pyproject.toml, have nothing to say."""

import subprocess
import sys

import pytest

from tests.house.tree import ROOT

pytestmark = pytest.mark.timeout(600)  # mypy without a cache, on a busy machine


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "--no-cache", "."),
        ("ruff", "format", "--no-cache", "--check", "."),
        ("mypy",),
    ],
    ids=" ".join,
)
def test_is_clean(command):
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
