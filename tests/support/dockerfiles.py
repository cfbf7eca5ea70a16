"""What a Dockerfile and a .dockerignore say, and what is wrong with ours."""

import fnmatch
import json
import re
from importlib.util import find_spec
from typing import NamedTuple

from tests.house.tree import ROOT, tracked_files

USER = "10001:10001"
LABELS = {"title", "description", "licenses", "base.name", "version", "revision"}


class Instruction(NamedTuple):
    """One instruction, its lines joined."""

    word: str
    rest: str


def parse_dockerfile(text):
    """Every instruction, in order; comments and continued lines are taken away."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [Instruction(*line.strip().split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def last_stage(instructions):
    """What the image itself is made of."""
    last = max(place for place, one in enumerate(instructions) if one.word == "FROM")
    return instructions[last:]


def dockerfile_faults(text, ignored):
    """Yield what is wrong with a Dockerfile, beside what hadolint says."""
    instructions = parse_dockerfile(text)
    image = last_stage(instructions)
    yield from _base_faults(instructions)
    yield from _copy_faults(instructions, ignored)
    yield from _user_faults(image)
    yield from _label_faults(image)
    yield from _run_faults(instructions)
    yield from _entry_faults(image)


def sent_files(ignored):
    """The tracked files that a .dockerignore lets through: the last pattern that fits decides."""
    patterns = [line.strip() for line in ignored.splitlines() if line.strip() and not line.startswith("#")]
    for path in tracked_files():
        name = path.relative_to(ROOT).as_posix()
        is_sent = True
        for pattern in patterns:
            if _fits(name, pattern.removeprefix("!")):
                is_sent = pattern.startswith("!")
        if is_sent:
            yield name


def _fits(name, pattern):
    """Whether a pattern means a file, or a folder that it is in."""
    parts = name.split("/")
    places = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    if pattern.startswith("**/"):
        return any(fnmatch.fnmatchcase(part, pattern[3:]) for part in parts)
    depth = pattern.count("/")
    return any(place.count("/") == depth and fnmatch.fnmatchcase(place, pattern) for place in places)


def _base_faults(instructions):
    arguments = [one.rest.partition("=") for one in instructions if one.word == "ARG" and "=" in one.rest]
    defaults = {name: value for name, _, value in arguments}
    stages = {one.rest.split()[-1] for one in instructions if one.word == "FROM" and " AS " in one.rest}
    for one in instructions:
        if one.word == "FROM":
            name = re.sub(r"\$\{(\w+)\}", lambda found: defaults.get(found[1], ""), one.rest.split()[0])
            if name not in stages and not re.fullmatch(r"[a-z0-9./-]+:[a-z0-9.-]+(@sha256:[0-9a-f]{64})?", name):
                yield f"base {name or one.rest} has no name and tag"
            if name.endswith(":latest") or "alpine" in name:
                yield f"base {name}"


def _copy_faults(instructions, ignored):
    sent = set(sent_files(ignored))
    for one in instructions:
        if one.word == "ADD":
            yield f"ADD {one.rest}: COPY says what it does"
        if one.word != "COPY" or one.rest.startswith("--from"):
            continue
        for source in one.rest.split()[:-1]:
            if not any(_fits(name, source) for name in sent):
                yield f"COPY {source}: nothing of that name is sent to the builder"


def _user_faults(image):
    users = [one.rest for one in image if one.word == "USER"]
    if not users or users[-1] != USER:
        yield f"user {users[-1:] or 'root'} is not {USER}"


def _label_faults(image):
    labelled = " ".join(one.rest for one in image if one.word == "LABEL")
    there = set(re.findall(r"org\.opencontainers\.image\.([a-z.]+)=", labelled))
    yield from (f"label {name} is missing" for name in sorted(LABELS - there))
    for name in ("version", "revision"):
        argument = name.upper()
        if f'{name}="${{{argument}}}"' not in labelled or not any(
            one.word == "ARG" and one.rest.split("=")[0] == argument for one in image
        ):
            yield f"label {name} is not the build argument {argument}"


def _run_faults(instructions):
    for one in instructions:
        if one.word == "RUN" and re.search(r"pip\b.* install\b", one.rest):
            for command in one.rest.split("&&"):
                if (
                    " install " in command
                    and "pip" in command
                    and not re.search("--require-hashes|--no-index", command)
                ):
                    yield f"installs what no hash pins: {command.strip()}"
        if one.word in {"ENV", "ARG"} and re.search("password|secret|token_key=|index", one.rest, re.IGNORECASE):
            yield f"{one.word} {one.rest} would stay in the image"


def _entry_faults(image):
    words = {word: [one.rest for one in image if one.word == word] for word in ("ENTRYPOINT", "HEALTHCHECK", "CMD")}
    if [json.loads(rest) if rest.startswith("[") else rest for rest in words["ENTRYPOINT"]] != [["python", "-m"]]:
        yield f"ENTRYPOINT {words['ENTRYPOINT']}"
    for rest in words["HEALTHCHECK"] or ["nothing"]:
        found = re.search(r"CMD (\[.*\])$", rest)
        command = json.loads(found[1]) if found else []
        if command[:2] != ["python", "-m"] or find_spec(command[2]) is None:
            yield f"HEALTHCHECK {rest} is no module of ours, or needs a shell"
