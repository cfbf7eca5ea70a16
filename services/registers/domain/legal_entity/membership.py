"""Who belongs to a legal entity, by number: the ones listed with their times, and any number of others as bits.

A list in a state is bounded, an entity's founders are not. Whoever finds no room in the list is remembered as one bit,
which is enough to let everybody leave once and nobody twice; times and persons of those stand in their events.
"""

import base64
from dataclasses import dataclass
from typing import Annotated, Final

from litopys.errors import RuleViolated
from litopys.sourcing.common import Positive
from litopys.sourcing.constraints import MaxBytes, Pattern
from litopys.sourcing.moments import Moment, first_second
from litopys.sourcing.personal import RandomId
from litopys.sourcing.spans import ended

MOST_BITS_BYTES: Final = 1_600
MOST_NUMBER: Final = MOST_BITS_BYTES // 4 * 3 * 8

Bits = Annotated[str, Pattern("[A-Za-z0-9_-]*"), MaxBytes(MOST_BITS_BYTES)]
"""A set of numbers from 1: bit n-1 counted from the first, base64url without padding, no zero byte at the end."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person in one relation to the entity, over a time."""

    number: Positive
    id: RandomId
    valid_from: Moment
    valid_to: Moment | None


@dataclass(frozen=True, slots=True)
class Circle:
    """All who belong: `listed` as members, `others` as bits."""

    listed: tuple[Member, ...]
    others: str

    def entered(self, member: Member, *, most_listed: int, now: str) -> "Circle":
        """Let somebody in: into the list, in the place of who left first, or among the others; raises RuleViolated.

        `now` is when the fact was recorded: only who had left by then gives way.
        """
        if len(self.listed) < most_listed:
            return Circle((*self.listed, member), self.others)
        gone = [one for one in self.listed if one.valid_to is not None and first_second(one.valid_to) <= now]
        if gone:
            first = min(gone, key=lambda one: first_second(one.valid_to or ""))
            return Circle((*(one for one in self.listed if one is not first), member), self.others)
        return Circle(self.listed, with_number(self.others, member.number))

    def left(self, number: int, moment: str) -> "Circle":
        """Let somebody go; raises RuleViolated where nobody of this number belongs."""
        if holds_number(self.others, number):
            return Circle(self.listed, without_number(self.others, number))
        return Circle(ended(self.listed, number, moment), self.others)

    def check_belongs(self, number: int, identifier: str) -> None:
        """Refuse a number under which nobody of this id belongs any more; raises RuleViolated."""
        current = any((one.number, one.id, one.valid_to) == (number, identifier, None) for one in self.listed)
        if not current and not holds_number(self.others, number):
            raise RuleViolated("not-a-member", "nobody of this number belongs to the entity")


def holds_number(bits: str, number: int) -> bool:
    """Tell whether a number is in a set."""
    held = _bytes(bits)
    place, bit = divmod(number - 1, 8)
    return place < len(held) and bool(held[place] & 0x80 >> bit)


def with_number(bits: str, number: int) -> str:
    """Add a number to a set; raises RuleViolated for one that is beyond what a state can remember."""
    if number > MOST_NUMBER:
        raise RuleViolated("members-limit", f"beyond the list no number above {MOST_NUMBER} can be remembered")
    held = bytearray(_bytes(bits))
    place, bit = divmod(number - 1, 8)
    held.extend(bytes(max(0, place + 1 - len(held))))
    held[place] |= 0x80 >> bit
    return _text(held)


def without_number(bits: str, number: int) -> str:
    """Take a number out of a set that holds it."""
    held = bytearray(_bytes(bits))
    place, bit = divmod(number - 1, 8)
    held[place] &= ~(0x80 >> bit)
    return _text(held)


def count_numbers(bits: str) -> int:
    """Count the numbers of a set."""
    return sum(byte.bit_count() for byte in _bytes(bits))


def highest_number(bits: str) -> int:
    """Give the highest number of a set, 0 for an empty one."""
    held = _bytes(bits)
    return len(held) * 8 - (held[-1] & -held[-1]).bit_length() + 1 if held and held[-1] else 0


def is_one_form(bits: str) -> bool:
    """Tell whether a set is written in its one form: other spellings of the same bits are none."""
    try:
        return _text(_bytes(bits)) == bits
    except ValueError:
        return False


def _bytes(bits: str) -> bytes:
    return base64.urlsafe_b64decode(bits + "=" * (-len(bits) % 4))


def _text(held: bytes | bytearray) -> str:
    return base64.urlsafe_b64encode(bytes(held).rstrip(b"\x00")).rstrip(b"=").decode()
