"""The rules of a market interval by name, for people; a test holds this list against the code."""

from typing import Final

from litopys.sourcing.rules import Rule

RULES: Final = (
    Rule("cleared-already", "ledger", "type", "An interval is cleared once, then corrected or annulled"),
    Rule(
        "interval-key",
        "ledger",
        "stream id",
        "An interval is named by a zone's EIC, a start in UTC at a multiple of its length, and that length",
    ),
)
