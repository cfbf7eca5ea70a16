"""What is in the repository must serve everyone: no machine's own paths, no registry's address, no key."""

import re
import subprocess

import pytest

from tests.house.tree import ROOT, tracked_files

# Put together here, so that this file does not hold what it looks for.
HOSTS = ["pypi" + ".org", "python" + "hosted.org", "npmjs" + ".org", "proxy.golang" + ".org", "maven" + ".org"]
HOSTS += [
    "maven.apache" + ".org",
    "crates" + ".io",
    "registry-1.docker" + ".io",
    "--index" + "-url",
    "--extra-" + "index",
]
PATHS = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/"]
SECRETS = ["PRIVATE+" + "KEY+", "BEGIN " + "PRIVATE KEY", "BEGIN EC " + "PRIVATE"]
# Where a signer's text form is shown on purpose: keys of nobody, in vectors and in the code of the format itself.
SHOWS_KEYS = ("tests/", "docs/", "shared/litopys/note/")
LINK = "120000 "  # the mode by which git keeps a symbolic link
REQUIREMENTS = sorted(path.name for path in ROOT.glob("requirements*.txt"))


def text_of(path):
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""


def holding(words, *, skip=()):
    return [
        f"{path.relative_to(ROOT)}: {word}"
        for path in tracked_files()
        if not str(path.relative_to(ROOT)).startswith(skip)
        for text in [text_of(path)]
        for word in words
        if word in text
    ]


def test_no_registry_is_named():
    assert not holding(HOSTS)


def test_no_path_of_one_machine_is_named():
    assert not holding(PATHS)


def test_nothing_tracked_is_a_link():
    """One that leads out of the repository takes the place of what lies there under its name: of `.venv`, once."""
    listed = subprocess.run(["git", "ls-files", "-s"], cwd=ROOT, capture_output=True, check=False, text=True)
    assert [line for line in listed.stdout.splitlines() if line.startswith(LINK)] == []


def test_no_private_key_is_kept():
    assert not holding(SECRETS, skip=SHOWS_KEYS)


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_requirement_is_pinned_with_hashes(name):
    text = (ROOT / name).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert lines
    for line in lines:
        assert re.match(r"^[a-z0-9][a-z0-9._-]*(\[[a-z0-9,_-]+\])?==[^ ]+ ", line), line
        assert "--hash=sha256:" in line, line


def test_requirements_for_tests_hold_those_for_running():
    def pins(name):
        return set(re.findall(r"^([a-z0-9._-]+==[^ ]+)", (ROOT / name).read_text(), re.MULTILINE))

    assert pins("requirements.txt") <= pins("requirements-test.txt")


def test_licence_is_apache_2():
    assert "Apache License" in (ROOT / "LICENSE").read_text()
