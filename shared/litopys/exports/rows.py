"""A record of an export, whatever its format."""

from typing import Any, NamedTuple


class Row(NamedTuple):
    """One record of an export: its number from 1, where it begins, where the next begins, and what it holds.

    `content` is what a digest tells changes by; `refusal` is the reason why it could not be read, or None;
    `notes` are tolerances that reading needed, each a line in the report. `is_cut` is true of the last row of a file
    that ends too early: what the export holds beside may be in what is missing.
    """

    number: int
    offset: int
    end: int
    content: bytes
    value: Any = None
    refusal: str | None = None
    notes: tuple[str, ...] = ()
    is_cut: bool = False
