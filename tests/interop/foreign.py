"""Other people's programs, set upon our log and our receipts.

Each check takes plain values: a URL, a receipt's bytes, a network file as JSON reads it. It returns the program's own
words, or raises ForeignRefusal with them. A program is compiled when it is first asked for, once a process, into a
temporary folder; ForeignMissing tells that it cannot be had on this machine.
"""

import atexit
import base64
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent / "go"
TESSERA_FSCK = "github.com/transparency-dev/tessera/cmd/fsck@v1.0.4"
COMPILE_S = 300
CHECK_S = 120

NetworkFile = Mapping[str, Any]


class ForeignRefusal(Exception):
    """Another program does not accept our log or receipt; the message holds its words."""


class ForeignMissing(Exception):
    """Another program cannot be had here; the message says why."""


def check_with_go_sumdb(
    base_url: str,
    network: NetworkFile,
    *,
    first: int = 0,
    end: int | None = None,
    old_checkpoints: Sequence[bytes] = (),
) -> str:
    """Check the log under a URL with golang.org/x/mod (sumdb/note, sumdb/tlog), the cosignatures with transparency-dev.

    Checked are the checkpoint (log, no bad signature, quorum), every tile, an inclusion proof for each entry in
    [first, end), and that the tree has grown from each of the old checkpoints, whose first three lines are believed.
    """
    with _files(*old_checkpoints) as old:
        arguments = [*_keys(network), f"-first={first}", f"-end={-1 if end is None else end}"]
        arguments += [f"-old={path}" for path in old]
        return _told(_run(outsider(), "log", *arguments, base_url))


def check_with_transparency_dev(receipt: bytes, network: NetworkFile) -> str:
    """Check a receipt with transparency-dev's formats (note, log, proof, witness) and merkle."""
    with _files(receipt) as (path,):
        return _told(_run(outsider(), "receipt", *_keys(network), path))


def check_with_tessera_fsck(base_url: str, network: NetworkFile, *, validator: str | None = None) -> str:
    """Check the log under a URL with Tessera's fsck: all entries and tiles rebuilt, and compared with the checkpoint.

    It knows one key at a time: the log's, or that of the validator named, who must have cosigned.
    """
    key = network["log"]["vkey"] if validator is None else _validators(network)[validator]
    with _files(key.encode()) as (path,):
        done = _run(
            tessera_fsck(),
            f"--storage_url={base_url.removesuffix('/')}/",
            f"--public_key={path}",
            f"--origin={network['origin']}",
            "--ui=false",
            "--N=4",
        )
    # Its exit is 0 whatever it found.
    if "Successfully fsck'd log" not in done.stderr or "fsck failed" in done.stderr:
        raise ForeignRefusal(_words(done))
    return _words(done)


def check_with_proofbundle(receipt: bytes, network: NetworkFile) -> str:
    """Check a receipt with PyPI's proofbundle, against the entry that the receipt carries, with the whole quorum."""
    with _files(receipt, entry_of(receipt)) as (proof, payload):
        keys = [f"--witness-vkey={vkey}" for vkey in _validators(network).values()]
        return _told(
            _run(
                proofbundle(),
                "verify-proof",
                proof,
                f"--payload-file={payload}",
                f"--log-vkey={network['log']['vkey']}",
                f"--expected-origin={network['origin']}",
                *keys,
                f"--threshold={network['quorum']}",
            )
        )


def entry_of(receipt: bytes) -> bytes:
    """The entry in the `extra` line of a receipt, taken out without checking anything."""
    for line in receipt.split(b"\n"):
        if line.startswith(b"extra "):
            try:
                return base64.b64decode(line.removeprefix(b"extra "))
            except ValueError as error:
                raise ForeignRefusal("the receipt's entry is not base64") from error
    raise ForeignRefusal("the receipt carries no entry")


@cache
def outsider() -> str:
    """The path of the program in `go/`, compiled; its libraries are pinned by go.mod and go.sum."""
    go = _go()
    program = _folder() / "outsider"
    fetched = _compile(go, "mod", "download")
    if fetched.returncode:
        raise ForeignMissing(f"the Go modules cannot be fetched: {_words(fetched)}")
    built = _compile(go, "build", "-o", str(program), ".")
    if built.returncode:
        raise RuntimeError(f"tests/interop/go does not compile:\n{built.stderr}")
    return str(program)


@cache
def tessera_fsck() -> str:
    """The path of Tessera's fsck, compiled."""
    built = _compile(_go(), "install", TESSERA_FSCK, GOBIN=str(_folder()))
    if built.returncode:
        raise ForeignMissing(f"Tessera's fsck cannot be fetched or compiled: {_words(built)}")
    return str(_folder() / "fsck")


@cache
def proofbundle() -> str:
    """The path of PyPI's proofbundle, beside this Python or on the path."""
    beside = Path(sys.executable).with_name("proofbundle")
    found = str(beside) if beside.exists() else shutil.which("proofbundle")
    if found is None:
        raise ForeignMissing("proofbundle is not installed (the `test` requirements have it)")
    return found


def _go() -> str:
    go = shutil.which("go")
    if go is None:
        raise ForeignMissing("there is no go on the path")
    return go


@cache
def _folder() -> Path:
    """A folder for compiled programs, gone with this process."""
    folder = tempfile.mkdtemp(prefix="litopys-foreign-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _compile(go: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["env", *(f"{name}={value}" for name, value in environment.items()), go, *arguments]
    try:
        return subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, timeout=COMPILE_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise ForeignMissing(f"go {arguments[0]} took more than {COMPILE_S} s") from error


def _run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [program, *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=CHECK_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise ForeignRefusal(f"{Path(program).name} came to no verdict within {CHECK_S} s") from error


def _told(done: subprocess.CompletedProcess[str]) -> str:
    """The words of a program that says by its exit what it found."""
    if done.returncode:
        raise ForeignRefusal(_words(done))
    return _words(done)


def _words(done: subprocess.CompletedProcess[str]) -> str:
    return (done.stdout + done.stderr).strip() or f"nothing said, exit {done.returncode}"


def _validators(network: NetworkFile) -> dict[str, str]:
    return {validator["name"]: validator["vkey"] for validator in network["validators"]}


def _keys(network: NetworkFile) -> list[str]:
    """Whom to believe, as arguments of the outsider."""
    validators = [f"-witness-vkey={vkey}" for vkey in _validators(network).values()]
    return [f"-log-vkey={network['log']['vkey']}", *validators, f"-quorum={network['quorum']}"]


@contextmanager
def _files(*contents: bytes) -> Iterator[list[str]]:
    """Files for programs that read nothing else, as long as the context lasts."""
    with tempfile.TemporaryDirectory(prefix="litopys-foreign-") as folder:
        paths = [Path(folder) / str(number) for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        yield [str(path) for path in paths]
