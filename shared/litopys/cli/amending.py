"""`litopys network amend`, `litopys network sign`: what is to change in a network from a height on, and who agrees."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Annotated

import typer

from litopys.cli.console import WrongUse, print_result
from litopys.cli.files import read_bytes, read_network, read_signer, write_new
from litopys.errors import Malformed, VerificationFailed
from litopys.ledger.amending import check_follows
from litopys.ledger.amendments import Amendment, RulesChange, format_amendment, parse_amendment
from litopys.ledger.network import Network
from litopys.note.cosignatures import cosign
from litopys.note.notes import Note, SignatureLine, format_note, parse_note
from litopys.note.vkeys import Signer

_CHANGE = re.compile(r"(?P<sector>[a-z][a-z0-9_]{0,30})=(?P<version>[1-9][0-9]{0,8})")

NetworkFile = Annotated[Path, typer.Option("--network", help="Network file; earlier amendments lie beside it.")]
Keys = Annotated[list[Path], typer.Option("--key", help="Signer file of a validator; once for each.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="A new file; for use it goes to amendments/*.note.")]


def amend(
    *,
    network: NetworkFile,
    first: Annotated[int, typer.Option("--from", help="Height of the first block under it.", min=1)],
    rules: Annotated[list[str], typer.Option(help="SECTOR=VERSION; once for each sector that changes.")],
    key: Keys,
    output: Output,
) -> None:
    """Draw up the next amendment of a network and sign it as one validator or more.

    Example: litopys network amend --network network.json --from 120000 --rules energy=2 --key validator-kyiv.key
    -o 120000.note
    """
    known = read_network(network)
    previous = known.amendments[-1].hash if known.amendments else known.digest
    changes = tuple(sorted(_parse_change(text) for text in rules))
    try:
        amendment = Amendment(known.origin, first, previous, changes)
        text = format_amendment(amendment)
        check_follows(known, amendment)
    except (Malformed, VerificationFailed) as error:
        raise WrongUse(f"this is no amendment of {known.origin}: {error}") from error
    _write(output, text, [], key, known)


def sign(
    note: Annotated[Path, typer.Argument(help="An amendment that others have signed.")],
    *,
    network: NetworkFile,
    key: Keys,
    output: Output,
) -> None:
    """Add a validator's signature to an amendment: from then on this validator must be given it before its height.

    Example: litopys network sign 120000.note --network network.json --key validator-lviv.key -o 120000.signed.note
    """
    known = read_network(network)
    try:
        given = parse_note(read_bytes(note))
        check_follows(known, parse_amendment(given.text))
    except (Malformed, VerificationFailed) as error:
        raise WrongUse(f"{note}: {error}") from error
    _write(output, given.text, list(given.lines), key, known)


def _write(path: Path, text: bytes, lines: list[SignatureLine], keys: list[Path], network: Network) -> None:
    for signer in (_read_validator(key, network) for key in keys):
        if signer.vkey.name in {line.name for line in lines}:
            raise WrongUse(f"{signer.vkey.name} has signed already")
        lines.append(cosign(signer, text, int(time.time())))
    write_new(path, format_note(Note(text, tuple(lines))))
    print_result(f"{path}: {len(lines)} of {network.quorum} signatures")


def _read_validator(path: Path, network: Network) -> Signer:
    signer = read_signer(path)
    if signer.vkey not in {validator.key.vkey for validator in network.validators}:
        raise WrongUse(f"{path}: not the key of a validator of {network.origin}")
    return signer


def _parse_change(text: str) -> RulesChange:
    found = _CHANGE.fullmatch(text)
    if found is None:
        raise WrongUse(f"--rules {text}: SECTOR=VERSION is wanted")
    return RulesChange(found["sector"], int(found["version"]))
