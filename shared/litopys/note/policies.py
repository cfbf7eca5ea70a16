"""C2SP tlog-policy as networks of this ledger have it: one log, its validators, one quorum.

A policy is all that somebody needs in order to verify a checkpoint or a receipt.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from litopys.errors import Malformed, VerificationFailed
from litopys.note.checkpoints import Checkpoint, parse_checkpoint
from litopys.note.cosignatures import verify_cosignature
from litopys.note.notes import Check, KeyRef, Note, parse_note, plain_checks, verify_note
from litopys.note.vkeys import ED25519, ED25519_COSIGNATURE, Vkey, format_vkey, parse_vkey

GROUP: Final = "Q"
_WITNESS_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,30}")
_COUNT: Final = re.compile(r"[1-9][0-9]{0,2}")


class Witness(NamedTuple):
    """A validator as a policy names it."""

    name: str
    vkey: Vkey


class Cosigner(NamedTuple):
    """A validator whose cosignature was verified, and the time that it states, in seconds since 1970."""

    name: str
    timestamp_s: int


class FinalCheckpoint(NamedTuple):
    """A checkpoint verified to carry the log's signature and a quorum; cosigners in the policy's order."""

    checkpoint: Checkpoint
    cosigners: tuple[Cosigner, ...]
    note: Note


class Policy(NamedTuple):
    """Whom to believe: the log's key, the validators in order, and how many of them make a checkpoint final."""

    log: Vkey
    witnesses: tuple[Witness, ...]
    quorum: int

    @property
    def origin(self) -> str:
        """The origin of the log: the name of its key."""
        return self.log.name

    def verify_checkpoint(self, data: bytes, *, refuse_unknown: bool = False) -> FinalCheckpoint:
        """Verify a signed checkpoint; raises Malformed or VerificationFailed.

        Lines by unknown keys are ignored, or refused with `refuse_unknown`; see `verify_note` for the rest.
        """
        note = parse_note(data)
        checkpoint = parse_checkpoint(note.text)
        if checkpoint.origin != self.origin:
            raise VerificationFailed("a checkpoint of another log")
        times: dict[KeyRef, int] = {}
        lines = verify_note(note, self._checks(times), refuse_unknown=refuse_unknown)
        if _ref(self.log) not in {line.ref for line in lines}:
            raise VerificationFailed("the log has not signed this checkpoint")
        cosigners = tuple(
            Cosigner(witness.name, times[_ref(witness.vkey)])
            for witness in self.witnesses
            if _ref(witness.vkey) in times
        )
        if len(cosigners) < self.quorum:
            raise VerificationFailed(f"{len(cosigners)} cosignatures, a quorum is {self.quorum}")
        return FinalCheckpoint(checkpoint, cosigners, note)

    def _checks(self, times: dict[KeyRef, int]) -> dict[KeyRef, Check]:
        """Make the checks of all known keys; those of validators leave their timestamps in `times`."""
        checks = plain_checks(self.log)
        for witness in self.witnesses:
            checks[_ref(witness.vkey)] = _cosignature_check(witness.vkey, times)
        return checks


def parse_policy(text: str) -> Policy:
    """Parse a policy in exactly the form that `format_policy` gives; raises Malformed."""
    lines = text.split("\n")
    if len(lines) < 5 or lines[-1]:
        raise Malformed("a policy has a log, witnesses, a group and a quorum, a line each")
    log_line, *witness_lines, group_line, quorum_line, _ = lines
    witnesses = tuple(_parse_witness(line) for line in witness_lines)
    policy = Policy(parse_vkey(_word_after(log_line, "log")), witnesses, _parse_group(group_line, witnesses))
    if quorum_line != f"quorum {GROUP}":
        raise Malformed("a policy ends in its quorum")
    check_policy(policy)
    return policy


def format_policy(policy: Policy) -> str:
    """Format a policy, every line with a newline; raises Malformed for one that makes no sense."""
    check_policy(policy)
    names = " ".join(witness.name for witness in policy.witnesses)
    witnesses = "".join(f"witness {witness.name} {format_vkey(witness.vkey)}\n" for witness in policy.witnesses)
    return f"log {format_vkey(policy.log)}\n{witnesses}group {GROUP} {policy.quorum} {names}\nquorum {GROUP}\n"


def check_policy(policy: Policy) -> None:
    """Check algorithms, that names and keys differ, and 2n/3 < quorum ≤ n; raises Malformed."""
    vkeys = [witness.vkey for witness in policy.witnesses]
    count = len(vkeys)
    if policy.log.algorithm != ED25519 or any(vkey.algorithm != ED25519_COSIGNATURE for vkey in vkeys):
        raise Malformed("a key of a policy has the wrong algorithm")
    if not all(_WITNESS_NAME.fullmatch(witness.name) for witness in policy.witnesses):
        raise Malformed("not the name of a validator")
    if len({witness.name for witness in policy.witnesses}) != count:
        raise Malformed("two validators of one name")
    keys = [policy.log, *vkeys]
    if len({_ref(key) for key in keys}) <= count or len({key.public.raw for key in keys}) <= count:
        raise Malformed("a key stands twice in a policy")
    if not 2 * count < 3 * policy.quorum <= 3 * count:
        raise Malformed("a quorum is more than two thirds of the validators, and at most all")


def _ref(vkey: Vkey) -> KeyRef:
    return vkey.name, vkey.key_id


def _cosignature_check(vkey: Vkey, times: dict[KeyRef, int]) -> Callable[[bytes, bytes], None]:
    def check(body: bytes, signature: bytes) -> None:
        times[_ref(vkey)] = verify_cosignature(vkey, body, signature)

    return check


def _word_after(line: str, keyword: str) -> str:
    words = line.split(" ")
    if len(words) != 2 or words[0] != keyword:
        raise Malformed(f"not a `{keyword}` line")
    return words[1]


def _parse_witness(line: str) -> Witness:
    words = line.split(" ")
    if len(words) != 3 or words[0] != "witness":
        raise Malformed("not a `witness` line")
    return Witness(words[1], parse_vkey(words[2]))


def _parse_group(line: str, witnesses: tuple[Witness, ...]) -> int:
    words = line.split(" ")
    names = [witness.name for witness in witnesses]
    if words[:2] != ["group", GROUP] or words[3:] != names or not _COUNT.fullmatch(words[2]):
        raise Malformed("the group of a policy is a count and all its witnesses, in order")
    return int(words[2])
