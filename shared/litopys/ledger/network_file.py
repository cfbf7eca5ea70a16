"""The network file: parsed strictly, with every check that makes a network sound (docs/spec/network-file.md).

What comes out of `parse_network` has distinct keys of the right names and algorithms whose holders proved to have the
private halves, and a quorum of more than two thirds.
"""

import json
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, Final, Never, TypeVar

from litopys.errors import Malformed
from litopys.event.grammar import INTEGER_LIMIT
from litopys.ledger.network import (
    VERSION,
    Network,
    Predecessor,
    ProvenKey,
    Sealer,
    Sector,
    SectorTerm,
    Term,
    Validator,
)
from litopys.ledger.network_checks import check_network
from litopys.note.base64 import format_base64, parse_base64
from litopys.note.vkeys import format_vkey, parse_vkey

MAX_FILE_BYTES: Final = 1_000_000

_T = TypeVar("_T")


def parse_network(data: bytes) -> Network:
    """Parse and check a network file; raises Malformed, or VerificationFailed for a possession that does not hold."""
    names = _take(
        _load(data), "version", "origin", "succeeds", "topics", "quorum", "log", "sealers", "validators", "sectors"
    )
    version, origin, succeeds, topics, quorum, log, sealers, validators, sectors = names
    if _integer(version) != VERSION:
        raise Malformed("a network file of another version")
    network = Network(
        origin=_text(origin),
        succeeds=None if succeeds is None else _parse_predecessor(succeeds),
        topics=_text(topics),
        quorum=_integer(quorum),
        log=_parse_key(*_take(log, "vkey", "possession")),
        sealers=_each(sealers, _parse_sealer),
        validators=_each(validators, _parse_validator),
        sectors=_each(sectors, _parse_sector),
        digest=sha256(data).digest(),
    )
    check_network(network)
    return network


def format_network(network: Network) -> bytes:
    """Format a network file, one space of indentation a level; its digest is that of the bytes returned.

    Parsing gives the network back, but for the digest where the original was spaced otherwise.
    """
    document = {
        "version": VERSION,
        "origin": network.origin,
        "succeeds": None if network.succeeds is None else _predecessor_value(network.succeeds),
        "topics": network.topics,
        "quorum": network.quorum,
        "log": _key_value(network.log),
        "sealers": [
            {"name": sealer.name, **_key_value(sealer.key), **_term_value(sealer.term)} for sealer in network.sealers
        ],
        "validators": [
            {"name": validator.name, **_key_value(validator.key), "url": validator.url}
            for validator in network.validators
        ],
        "sectors": [_sector_value(sector) for sector in network.sectors],
    }
    return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"


def _load(data: bytes) -> object:
    """Read JSON (RFC 8259) without a name twice and without any number but whole ones from 0 to 2^53 − 1."""
    if len(data) > MAX_FILE_BYTES:
        raise Malformed("a network file of more than 1,000,000 bytes")
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_parse_integer,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except (ValueError, RecursionError) as error:
        raise Malformed("not the JSON of a network file") from error


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a name twice in one object")
    return found


def _parse_integer(text: str) -> int:
    if text.startswith("-") or len(text) > 16 or int(text) >= INTEGER_LIMIT:
        raise Malformed("an integer below 0 or of 2^53 or more")
    return int(text)


def _refuse_number(_text: str) -> Never:
    raise Malformed("a number is not an integer")


def _take(value: object, *names: str) -> tuple[Any, ...]:
    """Take an object with exactly these names in this order apart."""
    if not isinstance(value, dict) or tuple(value) != names:
        raise Malformed(f"not an object of {', '.join(names)}, in this order")
    return tuple(value.values())


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Malformed("not a string")
    return value


def _integer(value: object) -> int:
    if type(value) is not int:
        raise Malformed("not an integer")
    return value


def _each(value: object, parse: Callable[[object], _T]) -> tuple[_T, ...]:
    if not isinstance(value, list):
        raise Malformed("not an array")
    return tuple(parse(item) for item in value)


def _parse_key(vkey: object, possession: object) -> ProvenKey:
    return ProvenKey(parse_vkey(_text(vkey)), _text(possession))


def _parse_term(first: object, until: object) -> Term:
    return Term(_integer(first), None if until is None else _integer(until))


def _parse_sealer(value: object) -> Sealer:
    name, vkey, possession, first, until = _take(value, "name", "vkey", "possession", "from", "until")
    return Sealer(_text(name), _parse_key(vkey, possession), _parse_term(first, until))


def _parse_validator(value: object) -> Validator:
    name, vkey, possession, url = _take(value, "name", "vkey", "possession", "url")
    return Validator(_text(name), _parse_key(vkey, possession), _text(url))


def _parse_sector(value: object) -> Sector:
    name, partitions, rules, keys = _take(value, "name", "partitions", "rules", "keys")
    return Sector(_text(name), _integer(partitions), _integer(rules), _each(keys, _parse_sector_key))


def _parse_sector_key(value: object) -> SectorTerm:
    vkey, possession, first, until = _take(value, "vkey", "possession", "from", "until")
    return SectorTerm(_parse_key(vkey, possession), _parse_term(first, until))


def _parse_predecessor(value: object) -> Predecessor:
    origin, checkpoint = _take(value, "origin", "checkpoint")
    return Predecessor(_text(origin), parse_base64(_text(checkpoint)))


def _predecessor_value(predecessor: Predecessor) -> dict[str, object]:
    return {"origin": predecessor.origin, "checkpoint": format_base64(predecessor.checkpoint)}


def _key_value(key: ProvenKey) -> dict[str, object]:
    return {"vkey": format_vkey(key.vkey), "possession": key.possession}


def _term_value(term: Term) -> dict[str, object]:
    return {"from": term.first, "until": term.until}


def _sector_value(sector: Sector) -> dict[str, object]:
    keys: Iterable[SectorTerm] = sector.keys
    return {
        "name": sector.name,
        "partitions": sector.partitions,
        "rules": sector.rules,
        "keys": [{**_key_value(key), **_term_value(term)} for key, term in keys],
    }
