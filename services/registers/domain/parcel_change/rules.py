"""The rules of a change of parcels by name, for people; a test holds this list against the code that enforces them."""

from typing import Final

from litopys.sourcing.rules import Rule

RULES: Final = (
    Rule(
        "another-plan",
        "ledger",
        "plan, state",
        "What is authorised, annulled or taken over is the plan of this very change",
    ),
    Rule(
        "areas-differ",
        "ledger",
        "area_m2 of all parcels, tolerance_m2",
        "Areas add up within the tolerance, or are listed",
    ),
    Rule(
        "burden-origin", "ledger", "parent, number", "A burden that passes on comes from one of the parents, and once"
    ),
    Rule("change-expired", "ledger", "time, expires", "A change is authorised before its stated end"),
    Rule("change-form", "ledger", "kind, parents, children", "One is divided into several, or several merged into one"),
    Rule(
        "change-phase",
        "ledger",
        "phase",
        "A change is authorised or abandoned, never both, and ends once",
    ),
    Rule("no-such-holder", "ledger", "title, holders", "A title passes from a holder of a parent, and once"),
    Rule("not-expired", "ledger", "time, expires", "That a time is over is said when it is"),
    Rule("parcel-twice", "ledger", "parents, children", "Each parcel stands in a change once"),
    Rule(
        "parts-not-cited",
        "ledger",
        "cites, endings, formations",
        "A completed change cites how each parcel ended or was formed, and nothing else",
    ),
    Rule("reservation-not-cited", "ledger", "cites", "An authorised change cites that every parcel is kept for it"),
    Rule("reservation-over", "ledger", "time, expires", "What is kept is kept until a later, stated second"),
    Rule("holder-dropped", "register", "holders, title", "Whoever holds a parent holds some of what it becomes"),
    Rule("no-such-parcel", "register", "other streams", "What is to be divided or merged is a parcel"),
    Rule("number-taken", "register", "other streams", "A new parcel gets a number that nobody has"),
    Rule(
        "part-missing",
        "register",
        "other streams",
        "A child is formed when its parents have ended, the change completed when all are formed",
    ),
    Rule(
        "title-unsaid",
        "register",
        "holdings, **code**",
        "Who holds a merged parcel is said, unless one person holds all of its parents",
    ),
    Rule("tolerance", "register", "tolerance_m2, areas", "A tolerance is a hundredth of the area, or 1 m² per parcel"),
)
