"""The log and the receipts of the vectors, and a log large enough to have tiles of every kind."""

import hashlib
import json
import re
from base64 import b64decode
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from litopys.note.checkpoints import Checkpoint
from tests.interop import foreign
from tests.interop.static_log import make_checkpoint, make_files, read_seeds

VECTORS = Path(__file__).parents[1] / "vectors" / "litopys"
RANGE = re.compile(r"^range (\w+) (\d+) (\d+) (\d+) ", re.MULTILINE)
WIDE = 256_300  # a full level 2 tile has 65,536 leaves; from 256,000 on, paths have an `x` group


class Log(NamedTuple):
    """What is served, who signed it, and the bodies of older checkpoints."""

    files: dict[str, bytes]
    network: dict[str, Any]
    size: int
    old: tuple[bytes, ...]


@pytest.fixture(scope="session")
def network():
    return json.loads((VECTORS / "network.json").read_text())


@pytest.fixture(scope="session")
def log(network) -> Log:
    """The log of the vectors, its tiles compared with theirs."""
    files, _ = make_files(_entries())
    sums = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    assert sums == json.loads((VECTORS / "tiles.sha256.json").read_text())
    files["checkpoint"] = (VECTORS / "checkpoint").read_bytes()
    blocks = json.loads((VECTORS / "blocks.json").read_text())
    old = tuple(block["checkpoint_body"].encode() for block in blocks[:-1])
    return Log(files, network, blocks[-1]["tree_size"], old)


@pytest.fixture(scope="session")
def wide_log(network) -> Log:
    """A log of small entries with tiles of three levels, full and partial, and long paths, signed by the same keys."""
    entries = [b'{"n":%d}' % number for number in range(WIDE)]
    files, root = make_files(entries)
    seeds = read_seeds((VECTORS / "keys.json").read_text())
    files["checkpoint"] = make_checkpoint(Checkpoint(network["origin"], WIDE, root), seeds, timestamp_s=1_795_000_000)
    return Log(files, network, WIDE, ())


@pytest.fixture(scope="session", params=sorted(path.name for path in VECTORS.glob("*.tlog-proof")))
def receipt(request) -> bytes:
    return (VECTORS / request.param).read_bytes()


@pytest.fixture(scope="session")
def outsider():
    _had(foreign.outsider)


@pytest.fixture(scope="session")
def tessera_fsck():
    _had(foreign.tessera_fsck)


@pytest.fixture(scope="session")
def proofbundle():
    _had(foreign.proofbundle)


def _had(program):
    try:
        program()
    except foreign.ForeignMissing as missing:
        pytest.skip(f"not checked by others: {missing}")


def _entries() -> list[bytes]:
    """The leaves, put together from records and blocks as the formats say, without our rooms."""
    records = {}
    for line in (VECTORS / "records.jsonl").read_text().splitlines():
        record = json.loads(line)
        records[record["sector"], record["partition"], record["offset"]] = record
    entries = []
    for block in json.loads((VECTORS / "blocks.json").read_text()):
        for sector, partition, first, end in RANGE.findall(block["note"]):
            taken = (records[sector, int(partition), offset] for offset in range(int(first), int(end)))
            entries += [_entry(record) for record in taken if record["verdict"] == "admitted"]
        entries.append(block["block_entry"].encode())
    return entries


def _entry(record) -> bytes:
    [line] = [value for name, value in record["headers"] if name == "signature"]
    return b64decode(record["value"]) + b"\n\n" + b64decode(line) + b"\n"
