"""What makes a network file sound beyond its syntax (docs/spec/network-file.md, "Checks")."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from litopys.errors import Malformed
from litopys.event.signatures import batch_key_id
from litopys.ledger.network import MAX_VALIDATORS, Network, Predecessor, ProvenKey, Term
from litopys.ledger.words import NAME_PATTERN, ORIGIN_PATTERN
from litopys.note.checkpoints import parse_checkpoint
from litopys.note.notes import parse_note
from litopys.note.possession import verify_possession
from litopys.note.vkeys import ED25519, ED25519_COSIGNATURE

RESERVED_NAMES: Final = frozenset({"log", "network", "sealer", "validator", "batch", "none"})
MAX_PARTITIONS: Final = 1_024

_NAME: Final = re.compile(NAME_PATTERN)
_ORIGIN: Final = re.compile(ORIGIN_PATTERN)
_TOPICS: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_URL: Final = re.compile(r"https?://[!-~]{0,299}[!-.0-~]")


def check_network(network: Network) -> None:
    """Check a network; raises Malformed, or VerificationFailed for a proof of possession that does not hold."""
    if not _ORIGIN.fullmatch(network.origin):
        raise Malformed("not an origin")
    if not _TOPICS.fullmatch(network.topics):
        raise Malformed("not a prefix of topics")
    if network.succeeds is not None:
        _check_predecessor(network.succeeds, network.origin)
    _check_quorum(network)
    _check_names(network)
    _check_terms(network)
    _check_sectors(network)
    _check_keys(network)


def is_quorum(quorum: int, validators: int) -> bool:
    """Answer whether a quorum is more than two thirds of the validators, and not more than all."""
    return 2 * validators < 3 * quorum and quorum <= validators


def _check_predecessor(predecessor: Predecessor, origin: str) -> None:
    """Check that a checkpoint of another network is named; whether it was final, only that network's policy tells."""
    if predecessor.origin == origin:
        raise Malformed("a successor takes a new origin")
    if parse_checkpoint(parse_note(predecessor.checkpoint).text).origin != predecessor.origin:
        raise Malformed("the checkpoint is of another origin than the predecessor's")


def _check_quorum(network: Network) -> None:
    if not is_quorum(network.quorum, len(network.validators)):
        raise Malformed("a quorum is more than two thirds of the validators, and not more than all")
    if len(network.validators) > MAX_VALIDATORS:
        raise Malformed("more than 15 validators do not fit into a note")
    if not network.sealers or not network.sectors:
        raise Malformed("a network has sealers and sectors")


def _check_names(network: Network) -> None:
    validators = [validator.name for validator in network.validators]
    sectors = [sector.name for sector in network.sectors]
    for name in chain(validators, sectors, (sealer.name for sealer in network.sealers)):
        if not _NAME.fullmatch(name) or name in RESERVED_NAMES:
            raise Malformed("not a name, or a reserved one")
    if len(set(validators)) != len(validators) or len(set(sectors)) != len(sectors):
        raise Malformed("a name twice")
    for validator in network.validators:
        if not _URL.fullmatch(validator.url):
            raise Malformed("a validator's URL begins with http:// or https:// and does not end in a slash")


def _check_terms(network: Network) -> None:
    terms: Iterator[Term] = chain(
        (sealer.term for sealer in network.sealers),
        (key.term for sector in network.sectors for key in sector.keys),
    )
    if any(term.until is not None and term.until <= term.first for term in terms):
        raise Malformed("a term ends after it begins")


def _check_sectors(network: Network) -> None:
    for sector in network.sectors:
        if not 1 <= sector.partitions <= MAX_PARTITIONS:
            raise Malformed("a sector has 1 to 1,024 partitions")
        if sector.rules < 1:
            raise Malformed("versions of rules count from 1")
        if not sector.keys:
            raise Malformed("a sector has a key")


def _check_keys(network: Network) -> None:
    """Check each key's name, algorithm and possession, and that all differ, the ids of batches counted."""
    keys = list(_named_keys(network))
    for name, algorithm, key in keys:
        if key.vkey.name != name or key.vkey.algorithm != algorithm:
            raise Malformed(f"not a key named {name} of the right algorithm")
    if len({key.vkey.public.raw for _, _, key in keys}) != len(keys):
        raise Malformed("all keys of a network differ")
    ids = [(key.vkey.name, key.vkey.key_id) for _, _, key in keys]
    ids += [
        (key.vkey.name, batch_key_id(key.vkey.name, key.vkey.public.raw))
        for sector in network.sectors
        for key, _ in sector.keys
    ]
    if len(set(ids)) != len(ids):
        raise Malformed("two keys share name and key id")
    for _, _, key in keys:
        verify_possession(key.possession, vkey=key.vkey, origin=network.origin)


def _named_keys(network: Network) -> Iterator[tuple[str, int, ProvenKey]]:
    """Yield every key with the name and the algorithm that it must have."""
    origin = network.origin
    yield origin, ED25519, network.log
    for sealer in network.sealers:
        yield f"{origin}/sealer/{sealer.name}", ED25519, sealer.key
    for validator in network.validators:
        yield f"{origin}/validator/{validator.name}", ED25519_COSIGNATURE, validator.key
    for sector in network.sectors:
        for term in sector.keys:
            yield f"{origin}/{sector.name}", ED25519, term.key
