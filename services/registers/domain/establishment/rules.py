"""The rules of an establishment by name, for people; a test holds this list against the code that enforces them."""

from typing import Final

from litopys.sourcing.rules import Rule

RULES: Final = (
    Rule("closed-unopened", "ledger", "valid_from, opened", "An establishment does not close before it opened"),
    Rule("entity-not-cited", "ledger", "owner.entity, cites", "The legal entity behind an establishment is cited"),
    Rule(
        "originals-digest",
        "ledger",
        "original, state.particulars",
        "A recorded state names the fields of its source that the event carries",
    ),
    Rule(
        "owner-codes",
        "ledger",
        "owner",
        "A code behind an establishment is an EDRPOU, or it is kept as the text that it was",
    ),
    Rule("no-entity", "register", "owner.entity", "Officers name the legal entity; a code alone was inherited"),
)
