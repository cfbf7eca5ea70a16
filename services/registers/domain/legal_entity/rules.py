"""The rules of a legal entity by name, for people; a test holds this list against the code that enforces them."""

from typing import Final

from litopys.sourcing.rules import Rule

RULES: Final = (
    Rule("activities", "ledger", "activities, primary", "Each activity is named once, the primary one among them"),
    Rule("before-horizon", "ledger", "valid_from, horizon", "Heads and proceedings before the memory are annulled"),
    Rule("beneficiary-or-reason", "ledger", "beneficiaries, reason", "Beneficiaries are named, or why there is none"),
    Rule("claims-before", "ledger", "claims_until, valid_from", "Creditors claim after the decision"),
    Rule("ended-unborn", "ledger", "valid_from, registered", "An entity does not end before it was registered"),
    Rule(
        "entity-unsound",
        "ledger",
        "state",
        "A carried state names nothing twice, ends nothing before it begins, knows its numbers, and says how it ended",
    ),
    Rule(
        "members-limit", "ledger", "number", "Beyond those listed, founders and signers are remembered up to a number"
    ),
    Rule("next-number", "ledger", "number", "Signers, founders and proceedings are numbered one after another"),
    Rule("not-a-member", "ledger", "number, founders", "Only who is a founder has a share that changes"),
    Rule("not-terminated", "ledger", "terminations", "Only an entity that has ended is brought back"),
    Rule("not-under-way", "ledger", "number, proceedings", "What is called off or closed was begun"),
    Rule(
        "particulars-digest",
        "ledger",
        "original, state.particulars",
        "A recorded state names the particulars that the event carries",
    ),
    Rule("persons-recorded", "ledger", "state", "A recorded state holds no persons: they follow one by one"),
    Rule(
        "under-way",
        "ledger",
        "kind, proceedings at valid_from",
        "One way out of existence at a time, and one bankruptcy; a decision is revoked before another is taken",
    ),
    Rule("claims-open", "register", "claims_until, valid_from", "An entity ends after the time for claims"),
    Rule("edrpou-check", "register", "edrpou", "A new entity's EDRPOU passes its check and is no placeholder"),
    Rule("named-twice", "register", "**code**", "One person is named once among beneficiaries (by a code that passes)"),
    Rule("not-yet", "register", "valid_from, time", "An entity begins and ends not before that day has come"),
    Rule("person-unnamed", "register", "name", "A person behind an entity has a name"),
    Rule(
        "reorganisation-missing",
        "register",
        "ground, proceedings at valid_from",
        "An officer ends an entity by a reorganisation that was begun",
    ),
    Rule(
        "under-bankruptcy",
        "register",
        "ground, proceedings at valid_from",
        "In the midst of a bankruptcy a court alone ends the entity",
    ),
)
