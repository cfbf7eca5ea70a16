"""The rules of a guarantee of origin by name, for people; a test holds this list against the code."""

from typing import Final

from litopys.sourcing.rules import Rule

RULES: Final = (
    Rule("batch-key", "ledger", "stream id, account, first, last", "A batch is named by its account and its units"),
    Rule(
        "certificate-not-cited",
        "ledger",
        "cites, account",
        "A batch rests on a certificate of its account, and cites it",
    ),
    Rule(
        "deadlines",
        "ledger",
        "produced_from, produced_to, transfer_until, expires",
        "Production comes first, then the end of transfers, then the end; all are stated, in UTC",
    ),
    Rule("holder-already", "ledger", "to, holder", "A batch passes to another"),
    Rule(
        "later-holder",
        "ledger",
        "valid_from, held_since",
        "A late fact does not slip under a later holder: what rests on it is annulled first",
    ),
    Rule("not-a-part", "ledger", "parent, first, last", "A part holds some of its batch's units"),
    Rule("not-expired", "ledger", "valid_from, expires, time", "A batch expires at its end, not before"),
    Rule("not-the-holder", "ledger", "holder", "Only who holds a batch splits, transfers or redeems it"),
    Rule("split-not-cited", "ledger", "cites, parent", "A part rests on the split of its batch, and cites it"),
    Rule("too-late", "ledger", "valid_from, transfer_until, expires", "It moves, and is redeemed, in time"),
    Rule(
        "units-not-conserved",
        "ledger",
        "parts, first, last",
        "The parts hold the units of the batch, in order and without a gap",
    ),
    Rule("beneficiary-unidentified", "register", "**code**, edrpou", "A beneficiary is named with a code"),
    Rule(
        "certificate-differs",
        "register",
        "all, the certificate, its account",
        "A batch is of the units, the period, the technology and the holder of a certificate not used yet",
    ),
    Rule(
        "split-differs",
        "register",
        "all, the split, its batch",
        "A part is one that the split names, and in all else as its batch was",
    ),
    Rule(
        "units-elsewhere",
        "register",
        "first, last; parts of the batch, its account",
        "A batch comes back while its units are in no part of it and were not taken back by its account",
    ),
    Rule("split-sum", "register", "mwh", "The parts hold together as many MWh as the batch"),
)
