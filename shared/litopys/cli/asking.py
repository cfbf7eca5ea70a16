"""Asking one validator after another until one answers; what they say is believed only where it was verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from litopys.cli.http import NotThere
from litopys.errors import LitopysError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


def ask_any(urls: Sequence[str], ask: Callable[[str], T]) -> T:
    """Return the first answer that `ask(url)` gives. Raises NotThere where one says so and none answers else.

    Where none answers at all: Unavailable; where one answers something that does not hold: what that raised.
    """
    problem: LitopysError | None = None
    for url in urls:
        try:
            return ask(url)
        except LitopysError as error:
            problem = _graver(problem, error)
    raise problem or Unavailable("there is no validator to ask")


def _graver(known: LitopysError | None, found: LitopysError) -> LitopysError:
    """Of two problems keep the one that says more: what does not hold, then what is not there, then silence."""
    if known is None:
        return found
    return max((known, found), key=_gravity)


def _gravity(error: LitopysError) -> int:
    if not isinstance(error, Unavailable):
        return 2
    return 1 if isinstance(error, NotThere) else 0
