"""The image as its Dockerfile tells it: nothing here builds it; `make image` does."""

import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from services.catalogue import sector_names
from tests.house.tree import ROOT, tracked_files
from tests.support.dockerfiles import dockerfile_faults, sent_files

FOLDER = ROOT / "deploy" / "docker"
DOCKERFILE = (FOLDER / "Dockerfile").read_text()
IGNORED = (ROOT / ".dockerignore").read_text()
HADOLINT = str(Path(sys.executable).with_name("hadolint"))
# What is planted → a word of what refuses it.
MISTAKES = {
    "a base without a tag": ("ARG PYTHON_IMAGE=python:3.13-slim", "ARG PYTHON_IMAGE=python", "no name and tag"),
    "a base for another libc": ("python:3.13-slim", "python:3.13-alpine", "base python:3.13-alpine"),
    "root": ("USER 10001:10001", "USER root", "user ['root']"),
    "a user by name": ("USER 10001:10001", "USER litopys", "user ['litopys']"),
    "a file that is not there": ("COPY shared shared", "COPY libraries shared", "COPY libraries"),
    "a file that is not sent": ("COPY pyproject.toml", "COPY docs pyproject.toml", "COPY docs"),
    "no revision": ('revision="${REVISION}"', 'revision="1"', "label revision"),
    "no version": ("ARG VERSION\n", "", "label version"),
    "no licence": ("image.licenses", "image.licence", "label licenses"),
    "nothing pinned": ("install --require-hashes --only-binary :all: --req", "install --req", "no hash pins"),
    "a health check through a shell": (
        'CMD ["python", "-m", "deploy.docker.health"]',
        "CMD curl -f http://localhost:8080/healthz",
        "HEALTHCHECK",
    ),
    "a health check that is no module": ("deploy.docker.health", "deploy.docker.healthy", "HEALTHCHECK"),
    "an entry point through a shell": ('["python", "-m"]\n', "python -m\n", "ENTRYPOINT"),
    "an index that stays": ("PIP_NO_CACHE_DIR=1", "PIP_INDEX_URL=http://nobody", "would stay"),
}
LINTED = {
    "DL3020": ("COPY shared shared", "ADD shared shared"),
    "DL3025": ('ENTRYPOINT ["python", "-m"]', "ENTRYPOINT python -m"),
    "DL3000": ("WORKDIR /srv", "WORKDIR srv"),
    "DL3002": ("USER 10001:10001", "USER root"),
    "DL3007": ("FROM ${PYTHON_IMAGE}\n", "FROM python:latest\n"),
    "SC2086": ("--wheel-dir /wheels", "--wheel-dir $WHEELS"),
}


def hadolint(text):
    return subprocess.run([HADOLINT, "--no-color", "-"], input=text, capture_output=True, text=True, check=False)


def test_hadolint_has_nothing_to_say():
    said = hadolint(DOCKERFILE)
    assert (said.returncode, said.stdout) == (0, ""), said.stdout + said.stderr


@pytest.mark.parametrize("code", LINTED)
def test_hadolint_refuses_what_is_planted(code):
    right, wrong = LINTED[code]
    assert right in DOCKERFILE
    said = hadolint(DOCKERFILE.replace(right, wrong))
    assert said.returncode == 1
    assert code in said.stdout


def test_the_dockerfile_is_in_order():
    assert list(dockerfile_faults(DOCKERFILE, IGNORED)) == []


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_dockerfile_is_found(mistake):
    right, wrong, word = MISTAKES[mistake]
    assert right in DOCKERFILE
    faults = list(dockerfile_faults(DOCKERFILE.replace(right, wrong), IGNORED))
    assert [fault for fault in faults if word in fault], faults


def test_the_builder_is_sent_what_it_copies_and_nothing_else():
    sent = set(sent_files(IGNORED))
    assert "shared/litopys/errors.py" in sent
    assert "deploy/docker/prepare.py" in sent
    elsewhere = ("tests/", "docs/", "var/", ".", "deploy/local", "deploy/trial", "deploy/docker/sbom")
    assert not [name for name in sent if name.startswith(elsewhere)]
    assert "docs/spec/README.md" in set(sent_files(IGNORED + "!docs\n")), "the check itself"


def test_the_image_holds_every_module_that_its_own_import():
    """Of `deploy` only a part is copied: that part must not need the rest."""
    sent = {name for name in sent_files(IGNORED) if name.startswith("deploy/")}
    named = set()
    for name in sent:
        named |= set(re.findall(r"^\s*(?:from|import) (deploy[\w.]*)", (ROOT / name).read_text(), re.MULTILINE))
        for module in re.findall(r"^from deploy\.docker import (\w+)", (ROOT / name).read_text(), re.MULTILINE):
            named.add(f"deploy.docker.{module}")
    assert named
    for module in named:
        path = module.replace(".", "/")
        assert {f"{path}.py", f"{path}/__init__.py"} & sent, f"{module} is not in the image"


@pytest.mark.parametrize("service", ["sealer", "validator", *sector_names()])
def test_every_service_is_an_entry_point(service):
    assert find_spec(f"services.{service}.__main__") is not None


def test_what_builds_is_what_the_project_says():
    """pyproject.toml wants hatchling; the pinned one of requirements-build.txt is the one that the tests use too."""
    pins = dict(re.findall(r"^([a-z0-9._-]+)==([^ ]+)", (ROOT / "requirements-build.txt").read_text(), re.MULTILINE))
    tests = dict(re.findall(r"^([a-z0-9._-]+)==([^ ]+)", (ROOT / "requirements-test.txt").read_text(), re.MULTILINE))
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert [re.split("[<>=]", one)[0] for one in wanted] == ["hatchling"]
    assert "hatchling" in pins
    assert {name: tests.get(name) for name in pins} == pins


def test_no_script_is_there_that_bash_refuses():
    scripts = [path for path in tracked_files() if path.parent == FOLDER and path.suffix == ".sh"]
    assert scripts
    for script in scripts:
        done = subprocess.run(["bash", "-n", script], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_the_health_check_needs_nothing_but_the_standard_library():
    code = "import sys; before = {*sys.modules}; import deploy.docker.health; print(*({*sys.modules} - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    outer = {name.partition(".")[0] for name in done.stdout.split()} - sys.stdlib_module_names - {"deploy"}
    assert not {name for name in outer if not name.startswith("_")}
