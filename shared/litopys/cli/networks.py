"""`litopys network`: a new network's keys, network file and policy; checking a network file."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from litopys.cli.amending import amend, sign
from litopys.cli.brokers import permissions, topics
from litopys.cli.console import AsJson, WrongUse, note, print_json, print_result
from litopys.cli.files import SECRET_MODE, read_network, read_policy, write_new
from litopys.cli.keys import Kind, draw_signer, write_token_keys
from litopys.cli.pins import pin
from litopys.errors import Malformed
from litopys.ledger.network import Network, ProvenKey, Sealer, Sector, SectorTerm, Term, Validator
from litopys.ledger.network_file import format_network, parse_network
from litopys.note.policies import format_policy
from litopys.note.possession import sign_possession
from litopys.note.vkeys import Signer, format_signer, format_vkey

app = typer.Typer(help="Make a network, check a network file, amend it.", no_args_is_help=True)
app.command("amend")(amend)
app.command("sign")(sign)
app.command("topics")(topics)
app.command("permissions")(permissions)

NETWORK_FILE = "network.json"
POLICY_FILE = "policy"
KEYS = "keys"
_SECTOR = re.compile(r"(?P<name>[^:]*)(?::(?P<partitions>[0-9]{1,4}))?(?::(?P<rules>[0-9]{1,4}))?")
_ALWAYS = Term(0, None)


class Member(NamedTuple):
    """A member with its fresh key."""

    kind: Kind
    name: str
    signer: Signer

    @property
    def file_name(self) -> str:
        """The name of its signer file."""
        return f"{self.kind}-{self.name}.key" if self.name else f"{self.kind}.key"


class SectorPlan(NamedTuple):
    """What `--sector` says."""

    name: str
    partitions: int
    rules: int


@app.command("init")
def init(
    *,
    directory: Annotated[Path, typer.Option("--directory", "-d", help="A new folder, for all that is made.")],
    origin: Annotated[str, typer.Option(help="The name of the log: host/network.")],
    validator: Annotated[list[str], typer.Option(help="NAME=URL of a validator; once for each.")],
    sealer: Annotated[list[str], typer.Option(help="Name of a sealer; once for each.")],
    sector: Annotated[list[str], typer.Option(help="NAME[:PARTITIONS[:RULES]] of a sector; once for each.")],
    partitions: Annotated[int, typer.Option(help="Partitions of sectors that do not say.", min=1, max=1_024)] = 8,
    topics: Annotated[str, typer.Option(help="Prefix of the names of all topics.")] = "litopys",
    quorum: Annotated[int | None, typer.Option(help="How many validators; more than two thirds.", min=1)] = None,
    token_key: Annotated[bool, typer.Option(help="Make a key for local tokens too.")] = True,
    as_json: AsJson = False,
) -> None:
    """Draw the keys of all members on one machine and write network.json, policy and keys/ into a new folder.

    Members that draw their own keys use `litopys keys make`, and the network file is put together by hand.

    Example: litopys network init -d pilot --origin litopys.example/pilot --validator kyiv=https://kyiv.example
    --validator lviv=https://lviv.example --validator odesa=https://odesa.example
    --validator dnipro=https://dnipro.example --sealer a --sealer b --sector registers:8 --sector energy:8:2
    """
    if directory.exists() and any(directory.iterdir()):
        raise WrongUse(f"{directory} is not empty; a network is never made over another")
    urls = dict(_parse_validator(text) for text in validator)
    sectors = [_parse_sector(text, partitions) for text in sector]
    if len(urls) != len(validator) or len(set(sealer)) != len(sealer):
        raise WrongUse("two members of one name")
    members = [
        Member(kind, name, draw_signer(kind, name, origin=origin)) for kind, name in _named(urls, sealer, sectors)
    ]
    file = _make_file(members, origin=origin, topics=topics, urls=urls, sectors=sectors, quorum=quorum)
    _write(directory, file, members, token_key=token_key)
    _tell(directory, parse_network(file), as_json=as_json)


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="A network file.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Check a network file: its form, names, keys, proofs of possession and quorum; and the amendments beside it.

    Example: litopys network check network.json
    """
    network = read_network(file)
    if as_json:
        print_json(_summary(network))
        return
    print_result(
        f"{network.origin}: {len(network.validators)} validators, quorum {network.quorum}, "
        f"{len(network.sealers)} sealers, {len(network.sectors)} sectors; every proof of possession holds"
    )
    for amendment in network.amendments:
        changes = ", ".join(f"rules {version} of {sector}" for sector, version in amendment.rules)
        print_result(f"from height {amendment.first}: {changes}; a quorum has signed")


@app.command("policy")
def policy(file: Annotated[Path, typer.Argument(help="A network file.")]) -> None:
    """Print the policy that follows from a network file: all that a verifier needs.

    Example: litopys network policy network.json > policy
    """
    print_result(format_policy(read_network(file).policy()).removesuffix("\n"))


@app.command("pin")
def pin_policy(
    file: Annotated[Path, typer.Argument(help="A policy or a network file that you got on a way that you trust.")],
    *,
    replace: Annotated[bool, typer.Option(help="Replace another policy of the same origin.")] = False,
) -> None:
    """Pin a policy in your configuration folder: `litopys verify` uses it for receipts of its origin.

    Example: litopys network pin policy
    """
    print_result(str(pin(read_policy(file), replace=replace)))


def _parse_validator(text: str) -> tuple[str, str]:
    name, equals, url = text.partition("=")
    if not equals:
        raise WrongUse(f"--validator {text}: NAME=URL is wanted")
    return name, url.removesuffix("/")


def _parse_sector(text: str, partitions: int) -> SectorPlan:
    found = _SECTOR.fullmatch(text)
    if found is None:
        raise WrongUse(f"--sector {text}: NAME[:PARTITIONS[:RULES]] is wanted")
    return SectorPlan(found["name"], int(found["partitions"] or partitions), int(found["rules"] or 1))


def _named(
    validators: Iterable[str], sealers: Iterable[str], sectors: Iterable[SectorPlan]
) -> Iterable[tuple[Kind, str]]:
    yield Kind.LOG, ""
    yield from ((Kind.SEALER, name) for name in sealers)
    yield from ((Kind.VALIDATOR, name) for name in validators)
    yield from ((Kind.SECTOR, plan.name) for plan in sectors)


def _make_file(
    members: list[Member],
    *,
    origin: str,
    topics: str,
    urls: dict[str, str],
    sectors: list[SectorPlan],
    quorum: int | None,
) -> bytes:
    """Make the network file; raises WrongUse where what was asked for is no network."""
    keys = {
        (member.kind, member.name): ProvenKey(member.signer.vkey, sign_possession(member.signer, origin))
        for member in members
    }
    network = Network(
        origin=origin,
        succeeds=None,
        topics=topics,
        quorum=2 * len(urls) // 3 + 1 if quorum is None else quorum,
        log=keys[Kind.LOG, ""],
        sealers=tuple(
            Sealer(member.name, keys[member.kind, member.name], _ALWAYS)
            for member in members
            if member.kind is Kind.SEALER
        ),
        validators=tuple(Validator(name, keys[Kind.VALIDATOR, name], url) for name, url in urls.items()),
        sectors=tuple(
            Sector(plan.name, plan.partitions, plan.rules, (SectorTerm(keys[Kind.SECTOR, plan.name], _ALWAYS),))
            for plan in sectors
        ),
        digest=b"",
    )
    file = format_network(network)
    try:
        parse_network(file)
    except Malformed as error:
        raise WrongUse(f"this is no network: {error}") from error
    return file


def _write(directory: Path, file: bytes, members: list[Member], *, token_key: bool) -> None:
    """Write everything beside the folder and move it there at the end, so that there is a whole network or none."""
    scratch = directory.with_name(f".{directory.name}.new")
    shutil.rmtree(scratch, ignore_errors=True)
    keys = scratch / KEYS
    keys.mkdir(parents=True)
    keys.chmod(0o700)
    for member in members:
        write_new(keys / member.file_name, format_signer(member.signer) + "\n", mode=SECRET_MODE)
    if token_key:
        write_token_keys(keys)
    write_new(scratch / NETWORK_FILE, file)
    write_new(scratch / POLICY_FILE, format_policy(parse_network(file).policy()))
    os.rename(scratch, directory)  # noqa: PTH104 -- Path.rename, but onto an empty folder too, as POSIX has it


def _tell(directory: Path, network: Network, *, as_json: bool) -> None:
    if as_json:
        print_json({"directory": str(directory), **_summary(network)})
        return
    print_result(str(directory / NETWORK_FILE))
    print_result(str(directory / POLICY_FILE))
    note(f"{network.origin}: {len(network.validators)} validators, quorum {network.quorum}; private keys in {KEYS}/")


def _summary(network: Network) -> dict[str, object]:
    return {
        "origin": network.origin,
        "digest": network.digest.hex(),
        "quorum": network.quorum,
        "log_vkey": format_vkey(network.log.vkey),
        "validators": [{"name": one.name, "url": one.url} for one in network.validators],
        "sealers": [one.name for one in network.sealers],
        "sectors": [{"name": one.name, "partitions": one.partitions, "rules": one.rules} for one in network.sectors],
        "amendments": [
            {"from": one.first, "hash": one.hash.hex(), "rules": dict(one.rules)} for one in network.amendments
        ],
    }
