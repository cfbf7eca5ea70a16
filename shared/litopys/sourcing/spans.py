"""Things that hold over a time, kept in bounded lists: which held at a moment, how one ends, and how room is made."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from litopys.errors import RuleViolated
from litopys.sourcing.moments import first_second, holds_at, is_before


class Span(Protocol):
    """Anything with a valid time, its end excluded; None: no end is known."""

    @property
    def valid_from(self) -> str:
        """Give the beginning."""

    @property
    def valid_to(self) -> str | None:
        """Give the end, excluded."""


class Numbered(Span, Protocol):
    """A span that has a number in its stream."""

    @property
    def number(self) -> int:
        """Give the number."""


SpanT = TypeVar("SpanT", bound=Span)
NumberedT = TypeVar("NumberedT", bound=Numbered)


def at(spans: Iterable[SpanT], moment: str) -> tuple[SpanT, ...]:
    """Give those that held at a moment."""
    return tuple([span for span in spans if holds_at(span.valid_from, span.valid_to, moment)])


def check_span(valid_from: str, valid_to: str | None) -> None:
    """Refuse a time that ends before it begins; raises RuleViolated."""
    if valid_to is not None and not is_before(valid_from, valid_to):
        raise RuleViolated("valid-time", "it would end before it begins")


def ended(spans: tuple[NumberedT, ...], number: int, moment: str) -> tuple[NumberedT, ...]:
    """End the span of a number at a moment; raises RuleViolated where none of that number holds until then."""
    for place, span in enumerate(spans):
        if span.number == number:
            _check_may_end(span, moment)
            closed = dataclasses.replace(span, valid_to=moment)  # type: ignore[type-var]
            return (*spans[:place], closed, *spans[place + 1 :])
    raise RuleViolated("no-such-number", "nothing of this number is known, or it ended long ago")


def _check_may_end(span: Span, moment: str) -> None:
    if is_before(moment, span.valid_from):
        raise RuleViolated("valid-time", "it would end before it begins")
    if span.valid_to is not None and not is_before(moment, span.valid_to):
        raise RuleViolated("ended-already", "it has ended by then")


def make_room(
    spans: tuple[SpanT, ...], *, limit: int, now: str, protect: Callable[[SpanT], bool] | None = None
) -> tuple[tuple[SpanT, ...], str | None]:
    """Forget the span that ended first if there are `limit` or more, and say when it ended.

    `now` is when the fact was recorded: only what ended by then is forgotten. Raises RuleViolated when nothing can be.
    """
    if len(spans) < limit:
        return spans, None
    over = [s for s in spans if s.valid_to is not None and first_second(s.valid_to) <= now]
    over = [span for span in over if protect is None or not protect(span)]
    if not over:
        raise RuleViolated("too-many", f"at most {limit} of these are kept at a time")
    first = min(over, key=lambda span: first_second(span.valid_to or ""))
    return tuple(span for span in spans if span is not first), first.valid_to


def later(one: str | None, other: str | None) -> str | None:
    """Give the later of two moments; None is earlier than all."""
    if one is None or other is None:
        return one or other
    return other if is_before(one, other) else one
