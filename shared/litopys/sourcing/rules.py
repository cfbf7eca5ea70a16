"""Rules by name, for people: what each says, whether validators check it again, which fields it reads."""

from typing import Final, Literal, NamedTuple


class Rule(NamedTuple):
    """One rule. `ledger` rules stand in `evolve`, `register` rules in `decide`: for those only the sector vouches."""

    code: str
    kind: Literal["ledger", "register"]
    reads: str
    says: str


COMMON_RULES: Final = (
    Rule("already-approved", "ledger", "standing.proposals", "A proposal is approved once"),
    Rule("already-imposed", "ledger", "stage", "An imposed hold is not imposed again or declined: it is lifted"),
    Rule("already-open", "ledger", "whether the stream has begun", "`recorded` and other openers come first, and once"),
    Rule("annulled-from", "ledger", "from_version, from_moment", "An annulment names an earlier version, or a moment"),
    Rule("annulled-state", "register", "from_version, state", "An annulment says what state results"),
    Rule(
        "carried-otherwise",
        "ledger",
        "state, the state before",
        "What an annulment or a reinstatement carries is of the same object, and keeps the numbers given by then",
    ),
    Rule("carried-proposals", "ledger", "state.standing.proposals", "A carried state holds no proposals"),
    Rule("contradiction", "ledger", "the state after", "A correction brings no contradiction that was not inherited"),
    Rule(
        "contradictions-unlisted",
        "ledger",
        "state.standing.inconsistent",
        "A carried state lists exactly the contradictions that it has: inherited ones are admitted, and said",
    ),
    Rule("ended", "ledger", "standing.status", "What has ended or is superseded accepts nothing but correction"),
    Rule("ended-already", "ledger", "number, valid_from", "What has ended does not end again"),
    Rule(
        "four-eyes",
        "ledger",
        "actor, standing.proposals, cites, imported",
        "A change that needs it has been proposed by one person and approved by another exactly as it is; a migrated "
        "one cites its import, whose closing needs two persons",
    ),
    Rule("no-such-field", "ledger", "field", "A correction's path leads to a plain field of the state"),
    Rule("no-such-proposal", "ledger", "proposal, standing.proposals", "What is approved has been proposed"),
    Rule("no-such-number", "ledger", "number, valid_from", "What ends, or is consented to, is known under its number"),
    Rule("not-correctable", "ledger", "field", "Numbers, ids, digests and standing are annulled, not corrected"),
    Rule("not-live", "ledger", "state.standing.status", "What is reinstated lives"),
    Rule("not-open", "ledger", "whether the stream has begun", "Nothing but an opener begins a stream"),
    Rule("not-proposable", "ledger", "change", "Only a change that needs four eyes is proposed"),
    Rule("not-imposed", "ledger", "stage", "Only an imposed hold is lifted"),
    Rule("nothing-corrected", "ledger", "old, new", "A correction changes something"),
    Rule("old-value", "ledger", "field, old", "A correction says what stood there"),
    Rule(
        "otherwise-than-asked", "ledger", "reach, up_to, basis", "What is erased or held is exactly what was asked for"
    ),
    Rule("superseded-by-itself", "ledger", "by", "Another stream takes the place of a superseded one"),
    Rule("too-many", "ledger", "counts", "A list of a state holds no more than its shape allows at a time"),
    Rule("valid-time", "ledger", "valid_from, valid_to", "What holds ends after it begins"),
    Rule("import-counts", "ledger", "read, admitted, merged, refused", "An import's counts add up"),
    Rule("unknown-aggregate", "ledger", "subject", "A stream is of an aggregate of the sector"),
    Rule("unknown-change", "ledger", "type", "Nothing follows an access"),
    Rule("unknown-type", "ledger", "type", "An event's type is known to the rules in force"),
    Rule(
        "legal-hold",
        "register",
        "reach; of holds on the same stream: reach, basis, stage",
        "Nothing is erased, or proposed to be, that an imposed hold reaches; one lock decides between the two",
    ),
    Rule("no-such-object", "register", "reach, up_to; version of the stream", "What is erased or held is there"),
    Rule("no-such-person", "register", "reach; persons of the stream", "A person named by id has fields in the object"),
    Rule("unknown-field", "register", "names of fields", "A field named is one that such objects may have"),
)
