"""Which amendments of a network hold, and who has to say so (docs/spec/amendments.md).

Amendments form a chain from the network file on; every block from the first one's height on names the newest. So two
who know different amendments cannot hold the same block for valid, and neither can be wrong without noticing.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING

from litopys.errors import VerificationFailed
from litopys.ledger.amendments import parse_amendment
from litopys.note.cosignatures import verify_cosignature
from litopys.note.notes import parse_note, verify_note

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litopys.ledger.amendments import Amendment
    from litopys.ledger.blocks import Block
    from litopys.ledger.network import Network


def amend_network(network: Network, notes: Iterable[bytes]) -> Network:
    """Return the network with these amendments, which come in any order, added to those that it has.

    Raises Malformed for what is no amendment, VerificationFailed for one that does not hold for this network.
    """
    found = [(parse_amendment(parse_note(note).text), note) for note in notes]
    for amendment, note in sorted(found, key=lambda pair: pair[0].first):
        check_follows(network, amendment)
        _check_quorum(network, note)
        network = dataclasses.replace(network, amendments=(*network.amendments, amendment))
    return network


def check_follows(network: Network, amendment: Amendment) -> None:
    """Check that an amendment is the next one of a network, whoever has signed it; raises VerificationFailed."""
    if amendment.origin != network.origin:
        raise VerificationFailed("an amendment of another network")
    before = network.amendments[-1] if network.amendments else None
    if amendment.previous != (network.digest if before is None else before.hash):
        raise VerificationFailed("an amendment that does not name what it amends")
    if before is not None and amendment.first <= before.first:
        raise VerificationFailed("an amendment is in force from a greater height than the one before")
    for sector, version in amendment.rules:
        if sector not in network.sector_names:
            raise VerificationFailed(f"the network has no sector {sector}")
        if version != network.rules(sector, amendment.first) + 1:
            raise VerificationFailed(f"rules {version} of {sector} are not the next version")


def check_amendment_of(block: Block, network: Network) -> None:
    """Check that a block names the amendment that is known here for its height; raises VerificationFailed."""
    if block.amendment != network.amendment(block.height):
        raise VerificationFailed(
            f"block {block.height} is under another amendment of the network than is known here:"
            " one is missing, or one came after its height had passed"
        )


def _check_quorum(network: Network, data: bytes) -> None:
    note = parse_note(data)
    vkeys = [validator.key.vkey for validator in network.validators]
    lines = verify_note(
        note,
        {(vkey.name, vkey.key_id): partial(verify_cosignature, vkey) for vkey in vkeys},
        refuse_unknown=True,
    )
    if len(lines) < network.quorum:
        raise VerificationFailed(f"{len(lines)} validators have signed this amendment, a quorum is {network.quorum}")
