"""The final entries of a ledger, read from any validator and put under the checkpoint that a quorum has cosigned."""

from collections.abc import Callable, Iterator

from litopys.audit.fetching import LedgerFiles
from litopys.errors import VerificationFailed
from litopys.event.cloudevents import Event, parse_event
from litopys.event.entries import is_event_entry, parse_entry
from litopys.note.policies import Policy
from litopys.tlog.hashing import leaf_hash
from litopys.tlog.tiles import TILE_WIDTH
from litopys.tlog.tree import TreeEdge

SECTOR = "energy"


def final_events(fetch: Callable[[str], bytes], policy: Policy) -> Iterator[Event]:
    """Yield the sector's events in the order of the ledger, all below the newest final checkpoint.

    The root is computed from the entries and compared at the end: what was yielded counts only if the iterator ends.
    Raises VerificationFailed, Malformed, and what `fetch` raises.
    """
    files = LedgerFiles(fetch)
    head = policy.verify_checkpoint(files.checkpoint()).checkpoint
    edge, hashes = TreeEdge(), []
    for entry in files.entries(head.size):
        hashes.append(leaf_hash(entry))
        if len(hashes) == TILE_WIDTH:
            edge.append(hashes)
            hashes = []
        if is_event_entry(entry):
            event = parse_event(parse_entry(entry).value)
            if event.sector == SECTOR:
                yield event
    edge.append(hashes)
    if edge.root() != head.root:
        raise VerificationFailed("the entries are not those of the checkpoint")
