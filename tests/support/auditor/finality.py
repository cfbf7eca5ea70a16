"""What the cosignatures topic says, read by hand: who signed which checkpoint, and from when on a quorum stood."""

import base64
import binascii
from collections.abc import Mapping
from typing import NamedTuple

from tests.support.auditor.chain import Reader
from tests.support.auditor.signed import is_cosigned, is_signed_note, split_note


class Checkpoint(NamedTuple):
    """A tree's size and root."""

    size: int
    root: bytes


class Signed(NamedTuple):
    """A record of the topic: who signed what, and whether the signature holds. The log goes by the name of `log`."""

    who: str
    checkpoint: Checkpoint
    line: str
    is_valid: bool
    at_ms: int


def read_cosignatures(reader: Reader) -> tuple[list[Signed], list[str]]:
    """All records in order; those that are no signed checkpoint of this network are told in words."""
    signed, odd = [], []
    for offset, record in enumerate(reader.evidence.cosignatures):
        body, lines = split_note(record.value)
        checkpoint = _read_body(body, reader.evidence.origin)
        if checkpoint is None or len(lines) != 1:
            odd.append(f"record {offset} of the cosignatures is none")
            continue
        names = {key.name: name for name, key in reader.validators.items()}
        line, text = lines[0], record.value.split(b"\n")[-2].decode()
        if line.name == reader.log.name:
            is_valid = is_signed_note(reader.log, body, line)
            signed.append(Signed("log", checkpoint, text, is_valid, record.at_ms))
        elif line.name in names:
            name = names[line.name]
            is_valid = is_cosigned(reader.validators[name], body, line)
            signed.append(Signed(name, checkpoint, text, is_valid, record.at_ms))
        else:
            odd.append(f"record {offset} of the cosignatures is signed by {line.name}")
    return signed, odd


def _read_body(body: bytes, origin: str) -> Checkpoint | None:
    try:
        first, size, root = body.decode().removesuffix("\n").split("\n")
        return Checkpoint(int(size), base64.b64decode(root, validate=True)) if first == origin else None
    except (ValueError, binascii.Error):
        return None


def quorums(signed: list[Signed], quorum: int) -> Mapping[Checkpoint, int]:
    """Every checkpoint that a quorum has cosigned, and when its quorum was full, in milliseconds since 1970."""
    voters: dict[Checkpoint, set[str]] = {}
    full: dict[Checkpoint, int] = {}
    for one in signed:
        if one.who == "log" or not one.is_valid:
            continue
        names = voters.setdefault(one.checkpoint, set())
        names.add(one.who)
        if len(names) >= quorum:
            full.setdefault(one.checkpoint, one.at_ms)
    return full


def silence_after(reader: Reader, moment_s: float) -> tuple[float, float]:
    """Seconds from a moment to the next final block, and the longest time without one from that moment on."""
    signed, _ = read_cosignatures(reader)
    times = sorted(at / 1000 for at in quorums(signed, reader.quorum).values() if at / 1000 > moment_s)
    if not times:
        return float("inf"), float("inf")
    gaps = [after - before for before, after in zip([moment_s, *times], times, strict=False)]
    return times[0] - moment_s, max(gaps)
