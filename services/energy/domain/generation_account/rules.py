"""The rules of a generation account by name, for people; a test holds this list against the code that enforces them."""

from typing import Final

from litopys.sourcing.rules import Rule

RULES: Final = (
    Rule(
        "account-key",
        "ledger",
        "stream id, owner",
        "An account is named by a plant's EIC, or a household's random id, and a month",
    ),
    Rule(
        "account-period",
        "ledger",
        "valid_from, valid_to, stream id",
        "The period is whole hours, 745 at most: the month of the key in some time zone",
    ),
    Rule("carried-already", "ledger", "carried_in_wh", "What last month left over is entered once"),
    Rule("carry-not-cited", "ledger", "cites, carried_in_wh", "What last month left over cites last month's account"),
    Rule(
        "carry-unknown",
        "ledger",
        "carried_in_wh",
        "Nothing is certified or closed before it is known what last month left over",
    ),
    Rule(
        "closing-sums",
        "ledger",
        "metered, missing, fed_wh, drawn_wh, certified, carried_wh",
        "A closing says the sums that the account has, and carries on what its carry rule says",
    ),
    Rule(
        "deficit",
        "ledger",
        "hours, carried_in_wh, issued, withdrawn",
        "While more is certified than was metered, nothing is issued; a correction that brings this about is admitted",
    ),
    Rule(
        "exceeds-output",
        "ledger",
        "first, last, hours, net_rule, carried_in_wh, issued",
        "Certificates never exceed what was metered under the net rule, in whole MWh; the remainder is carried",
    ),
    Rule(
        "guarantee-not-cited",
        "ledger",
        "cites, first, last",
        "A certificate is used up, or taken back, by the guarantee of just its units, which is cited",
    ),
    Rule("metered-already", "ledger", "valid_from, hours", "An interval has one reading"),
    Rule("month-closed", "ledger", "closing", "A closed month takes corrections and withdrawals only"),
    Rule("no-such-certificate", "ledger", "number, first, last", "What is used or taken back was issued"),
    Rule(
        "not-what-stands",
        "ledger",
        "valid_from, corrects, old, hours",
        "A correction names the event that the hour's reading stands in, and what it amounts to",
    ),
    Rule("number", "ledger", "number, first, last", "Certificates and their units are numbered one after another"),
    Rule("outside-period", "ledger", "valid_from, readings", "Readings are of hours of the account's month"),
    Rule(
        "owner-not-described",
        "ledger",
        "owner, state.owner",
        "A recorded state's household is described, and nobody else",
    ),
    Rule("readings-count", "ledger", "readings, interval", "Readings are of whole hours, within 68 GWh an hour"),
    Rule("readings-sealed", "ledger", "owner", "A household's readings are digests, and no others are"),
    Rule(
        "state-unsound",
        "ledger",
        "state",
        "A carried state's sums are those of its parts; nothing stands in it twice; what has ended says by what",
    ),
    Rule("withdrawn-already", "ledger", "first, last, withdrawn", "A unit is taken back once"),
    Rule(
        "carry-differs",
        "register",
        "carried_in_wh, last month's account",
        "What last month left over is what its account carried on at its closing",
    ),
    Rule("eic-check", "register", "stream id, holder", "The check character of an EIC is right"),
    Rule("future", "register", "valid_from, time", "An hour is read, and anything else entered, when it is over"),
    Rule(
        "guarantee-differs",
        "register",
        "number, first, last, their guarantee",
        "A certificate is used up by a guarantee that stands, and taken back from one that was withdrawn",
    ),
    Rule("month-not-over", "register", "valid_from, valid_to", "A month is certified and settled after its end"),
    Rule("nothing-to-certify", "register", "hours", "A certificate is for a whole MWh at least"),
    Rule(
        "old-readings",
        "register",
        "old, the event that is corrected",
        "Each of the old readings is that of the event that is corrected",
    ),
)
