"""The rules of a land parcel by name, for people; a test holds this list against the code that enforces them."""

from typing import Final

from litopys.sourcing.rules import Rule

RULES: Final = (
    Rule("area-exceeded", "ledger", "area_m2", "A right of use covers no more than the parcel"),
    Rule(
        "beyond-memory", "ledger", "valid_from, horizon", "What lies before the state's memory is judged by annulment"
    ),
    Rule("boundary-digest", "ledger", "boundary", "A recorded state names the boundary that the event carries"),
    Rule("burden-dropped", "ledger", "use_rights, mortgages, seizures", "Every burden passes on when a parcel ends"),
    Rule(
        "change-not-cited", "ledger", "cites, change", "What a parcel does in a change cites the change that decided it"
    ),
    Rule(
        "consent-idle",
        "ledger",
        "consents, mortgages at valid_from",
        "Each consent used is of another mortgage that burdens the parcel then",
    ),
    Rule(
        "consent-missing",
        "ledger",
        "consents, mortgages at valid_from, ground",
        "A transfer under mortgage rests on the consent of each mortgagee, save by enforcement, court or succession",
    ),
    Rule("consent-not-cited", "ledger", "cites, consents", "The latest consent used is cited by its address"),
    Rule(
        "holders-not-described",
        "ledger",
        "holders, state.holdings",
        "A recorded state's holders are described, and nobody else",
    ),
    Rule("foreseen", "ledger", "foreseen", "A number that is kept for a change is no parcel yet"),
    Rule("into-itself", "ledger", "into", "A parcel is not divided or merged into itself"),
    Rule(
        "later-title",
        "ledger",
        "valid_from, holdings",
        "A late fact does not slip under a later title: what rests on it is annulled first",
    ),
    Rule("no-such-consent", "ledger", "consents", "A consent holds at that time and has not been used"),
    Rule(
        "not-as-planned", "ledger", "area_m2, holders, numbers", "What was planned upon still stands, and is what comes"
    ),
    Rule("not-foreseen", "ledger", "foreseen", "Only a number that was kept for a change becomes a parcel by it"),
    Rule(
        "not-reserved", "ledger", "reservation, change", "Only a parcel that is kept for a change is released or ended"
    ),
    Rule("no-title", "ledger", "holdings at valid_from", "Without a title there are no shares to move or to mortgage"),
    Rule("not-a-holder", "ledger", "holder(s), holdings at valid_from", "Only a holder's share moves or is mortgaged"),
    Rule("not-the-holders", "ledger", "holders, holdings at valid_from", "The whole title passes from all its holders"),
    Rule("parent-not-cited", "ledger", "cites, parents", "A parcel that is formed cites the end of each parent"),
    Rule("reserved", "ledger", "reservation", "A parcel that is kept for a change neither passes on nor is burdened"),
    Rule("number", "ledger", "number", "Rights of use, mortgages and seizures are numbered one after another"),
    Rule("person-id-used", "ledger", "persons' ids", "A new holder comes under fresh ids"),
    Rule("share-exceeded", "ledger", "shares", "A holder gives no more than is held"),
    Rule("share-form", "ledger", "shares", "What is left of a share can be written exactly"),
    Rule("share-not-conserved", "ledger", "shares", "Heirs get exactly the share that was held"),
    Rule(
        "shares-not-whole", "ledger", "shares", "The shares of a title add up to exactly 1; joint owners are one holder"
    ),
    Rule(
        "state-unsound",
        "ledger",
        "state",
        "A carried state names nothing twice, ends nothing before it begins, knows its numbers",
    ),
    Rule("title-exists", "ledger", "holdings", "A first title is registered where none holds then or later"),
    Rule(
        "under-seizure",
        "ledger",
        "seizures at valid_from, ground",
        "Nothing moves or is mortgaged under seizure, save by enforcement, court or succession",
    ),
    Rule("no-such-change", "register", "other streams", "A parcel is kept for a change that is there"),
    Rule("not-in-plan", "register", "other streams", "A change ends and forms the parcels of its plan"),
    Rule("person-not-sealed", "register", "persons", "Who passes on to a new parcel comes under a fresh id"),
    Rule("future", "register", "valid_from, time", "A title is not entered before it holds"),
    Rule(
        "lease-overlap",
        "register",
        "kind, valid_from, valid_to, area_m2",
        "The whole parcel is leased to one at a time",
    ),
    Rule("permanent-use-private", "register", "kind, details.ownership", "Permanent use is of state or communal land"),
    Rule(
        "person-twice",
        "register",
        "**code**",
        "One person is named once among new owners (by a code that passes its check)",
    ),
    Rule("person-unidentified", "register", "**code**, **document**", "A person is named by a code or a document"),
)
