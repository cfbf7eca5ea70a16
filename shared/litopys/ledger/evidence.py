"""What a piece of evidence shows, and whom it accuses: the liar and nobody else (docs/spec/evidence.md).

A row of evidence names its subject; whether that is an accusation depends on its kind, and of some kinds on what has
become final since. So it is told here, from the row, and stored nowhere.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from litopys.errors import Malformed
from litopys.ledger.blocks import parse_block
from litopys.ledger.network import Network
from litopys.note.notes import parse_note

NOBODY: Final = ""
"""Whose name stands in a row that has no subject."""
KEY_PREFIX: Final = "key "
"""Before the key id of a key that no network file lists: its holder has no name here."""
THIS_BROKER: Final = "broker"
"""The Kafka that this validator reads, in its own evidence."""


class EvidenceKind(StrEnum):
    """What two pieces of bytes show together."""

    DOUBLE_VOTE = "double-vote"
    VOTE_ELSEWHERE = "vote-elsewhere"
    VOTE_FOR_NO_BLOCK = "vote-for-no-block"
    TWO_LOG_HEADS = "two-log-heads"
    LOG_ELSEWHERE = "log-elsewhere"
    BROKEN_BLOCK = "broken-block"
    TWO_BLOCKS = "two-blocks"
    LOST_RACE = "lost-race"
    UNLISTED_SEALER = "unlisted-sealer"
    WRONG_KEY = "wrong-key"
    PEER_HEAD = "peer-head"
    OTHER_RECORDS = "other-records"
    QUORUM_ELSEWHERE = "quorum-elsewhere"


class Role(StrEnum):
    """What somebody accused is in the network; a KEY is one that the network file does not list."""

    VALIDATOR = "validator"
    SEALER = "sealer"
    LOG = "log"
    KEY = "key"
    BROKER = "broker"


class Accused(NamedTuple):
    """Whom a piece of evidence names: its role, and its name in the network file (of a KEY, the key id)."""

    role: Role
    name: str


class Weighed(NamedTuple):
    """Whom a row accuses, None of nobody, and a sentence about it for people."""

    accused: Accused | None
    words: str


_SHOWN: Final = {
    EvidenceKind.DOUBLE_VOTE: "cosigned two roots at one tree size",
    EvidenceKind.VOTE_ELSEWHERE: "cosigned another root than the one that became final at that tree size",
    EvidenceKind.VOTE_FOR_NO_BLOCK: "cosigned a tree size at which no block of the final chain ends",
    EvidenceKind.TWO_LOG_HEADS: "signed two heads of one tree size",
    EvidenceKind.LOG_ELSEWHERE: "signed a head that is none of the final tree's, so without a quorum",
    EvidenceKind.BROKEN_BLOCK: "signed a block that breaks a rule",
    EvidenceKind.TWO_BLOCKS: "signed two different blocks for one height",
    EvidenceKind.UNLISTED_SEALER: "signed a block, and is not listed; whoever bears the name in it is not accused",
    EvidenceKind.WRONG_KEY: "stands behind a vote under the name of a validator, who is not accused",
    EvidenceKind.PEER_HEAD: "shows a checkpoint under its address that does not verify",
    EvidenceKind.OTHER_RECORDS: "shows this validator other records than a quorum has cosigned",
}
_LOST_RACE: Final = "nobody: two sealers proposed for one height, as at a change of turns; one block counts"
_QUORUM: Final = "nobody: a quorum stands on another body than ours; either ours is wrong or too many lie"
_COPIED: Final = (
    "nobody: a line by no key that it names, with what anybody can copy; whose name it bears is not accused"
)
_TOO_EARLY: Final = "nobody yet: the block that counts at that height is not final here"
_BY_ROLE: Final = {
    EvidenceKind.TWO_LOG_HEADS: Role.LOG,
    EvidenceKind.LOG_ELSEWHERE: Role.LOG,
    EvidenceKind.BROKEN_BLOCK: Role.SEALER,
    EvidenceKind.TWO_BLOCKS: Role.SEALER,
    EvidenceKind.OTHER_RECORDS: Role.BROKER,
}


def weigh(kind: str, who: str, second: bytes, *, network: Network, final_height: int) -> Weighed:
    """Tell whom a row accuses, given its kind, subject and second bytes, where `final_height` is final.

    A block that broke a rule is told from what our records say; that we were shown the true ones, only a quorum can
    say. So the block that counts in its place must be final first. Raises ValueError for a kind that there is not.
    """
    one = EvidenceKind(kind)
    if one is EvidenceKind.LOST_RACE:
        return Weighed(None, _LOST_RACE)
    if who == NOBODY:
        return Weighed(None, _COPIED)
    if one is EvidenceKind.QUORUM_ELSEWHERE:
        return Weighed(None, _QUORUM)
    if one is EvidenceKind.BROKEN_BLOCK and second and _height_of(second) > final_height:
        return Weighed(None, _TOO_EARLY)
    accused = _accused(one, who, network)
    return Weighed(accused, f"{_in_words(accused)} {_SHOWN[one]}")


def name_key(key_id: bytes) -> str:
    """Name a key that the network does not list."""
    return KEY_PREFIX + key_id.hex()


def _accused(kind: EvidenceKind, who: str, network: Network) -> Accused:
    if who.startswith(KEY_PREFIX):
        return Accused(Role.KEY, who.removeprefix(KEY_PREFIX))
    role = _BY_ROLE.get(kind, Role.VALIDATOR)
    if role is Role.SEALER:
        names = {sealer.key.vkey.name: sealer.name for sealer in network.sealers}
        return Accused(role, names.get(who, who))
    return Accused(role, who)


def _in_words(accused: Accused) -> str:
    match accused.role:
        case Role.KEY:
            return f"a key with id {accused.name}, which the network file does not list,"
        case Role.LOG:
            return "the log key"
        case Role.BROKER:
            return "the Kafka of this validator"
        case _:
            return f"{accused.role} {accused.name}"


def _height_of(note: bytes) -> int:
    """Return the height of a block; one that cannot be read is never final."""
    try:
        return parse_block(parse_note(note).text).height
    except Malformed:
        return 1 << 63
