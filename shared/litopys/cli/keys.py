"""`litopys keys`: signer files, the key of local tokens, and such tokens."""

from __future__ import annotations

import secrets
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from litopys.cli.console import AsJson, WrongUse, note, print_json, print_result
from litopys.cli.files import SECRET_MODE, read_signer, write_new
from litopys.cli.shell import shell_needed
from litopys.errors import Malformed
from litopys.note.possession import sign_possession
from litopys.note.vkeys import ED25519, ED25519_COSIGNATURE, Signer, format_signer, format_vkey, make_signer

app = typer.Typer(help="Make and show keys; issue local tokens.", no_args_is_help=True)

TOKEN_KEY = "tokens.jwk"  # noqa: S105 -- the name of a file
TOKEN_PUBLIC_KEY = "tokens.public.jwk"  # noqa: S105 -- same
_SECONDS_AN_HOUR = 3_600


class Kind(StrEnum):
    """Whose key it is."""

    LOG = "log"
    SEALER = "sealer"
    VALIDATOR = "validator"
    SECTOR = "sector"


def key_name(kind: Kind, name: str, *, origin: str) -> str:
    """Return the name that the key of this member has in its network (docs/spec/keys-and-notes.md)."""
    match kind:
        case Kind.LOG:
            return origin
        case Kind.SECTOR:
            return f"{origin}/{name}"
        case _:
            return f"{origin}/{kind}/{name}"


def draw_signer(kind: Kind, name: str, *, origin: str) -> Signer:
    """Draw a fresh key for a member: timestamped cosignatures for validators, plain Ed25519 for all others.

    Raises WrongUse for a name that no key can have.
    """
    algorithm = ED25519_COSIGNATURE if kind is Kind.VALIDATOR else ED25519
    try:
        return make_signer(key_name(kind, name, origin=origin), algorithm, secrets.token_bytes(32))
    except Malformed as error:
        raise WrongUse(f"{origin} with {name!r}: {error}") from error


def write_token_keys(folder: Path) -> Path:
    """Draw the key of local tokens and write both halves into a folder; returns the path of the private one."""
    with shell_needed("keys"):
        from litopys.service.tokens import make_token_key  # noqa: PLC0415 -- extra
    private, public = make_token_key()
    write_new(folder / TOKEN_KEY, private + "\n", mode=SECRET_MODE)
    write_new(folder / TOKEN_PUBLIC_KEY, public + "\n")
    return folder / TOKEN_KEY


@app.command("make")
def make(
    kind: Annotated[Kind, typer.Argument(help="Whose key it will be.")],
    name: Annotated[str, typer.Argument(help="The member's name; none for the log.")] = "",
    *,
    origin: Annotated[str, typer.Option(help="The network's origin, such as litopys.example/pilot.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The signer file to write, mode 0600.")],
    as_json: AsJson = False,
) -> None:
    """Make a member's signer file; print its public key and the proof of possession that the network file wants.

    Example: litopys keys make validator kyiv --origin litopys.example/pilot -o validator-kyiv.key
    """
    if (kind is Kind.LOG) != (not name):
        raise WrongUse("every member but the log has a name")
    signer = draw_signer(kind, name, origin=origin)
    write_new(output, format_signer(signer) + "\n", mode=SECRET_MODE)
    _print_public(signer, origin, as_json=as_json)


@app.command("show")
def show(
    file: Annotated[Path, typer.Argument(help="A signer file.")],
    *,
    origin: Annotated[str, typer.Option(help="The network's origin, for the proof of possession.")],
    as_json: AsJson = False,
) -> None:
    """Print the public key and the proof of possession of a signer file.

    Example: litopys keys show validator-kyiv.key --origin litopys.example/pilot
    """
    _print_public(read_signer(file), origin, as_json=as_json)


@app.command("token-key")
def token_key(
    directory: Annotated[Path, typer.Option("--directory", "-d", help="Where the two files go.")] = Path(),
) -> None:
    """Make the key that signs local tokens: tokens.jwk (0600) and tokens.public.jwk.

    Example: litopys keys token-key -d var/network/keys
    """
    print_result(str(write_token_keys(directory)))


@app.command("token")
def token(
    actor: Annotated[str, typer.Argument(help="Pseudonymous id of one person in one office: it stands in events.")],
    *,
    key: Annotated[Path, typer.Option(help="The private key of local tokens.")] = Path("var/network/keys") / TOKEN_KEY,
    hours: Annotated[float, typer.Option(help="How long the token holds.", min=0.01, max=24 * 31)] = 12.0,
    scope: Annotated[list[str] | None, typer.Option(help="An office that the token grants; may be repeated.")] = None,
    code: Annotated[str | None, typer.Option(help="The person's own code (RNOKPP): to be told who looked.")] = None,
) -> None:
    """Sign a local token for an actor and print it.

    Example: curl -H "Authorization: Bearer $(litopys keys token registrar-7)" http://…
    """
    with shell_needed("keys token"):
        from litopys.service.tokens import load_token_key, sign_token  # noqa: PLC0415 -- extra
    if not key.exists():
        raise WrongUse(f"{key} is not there: `litopys keys token-key` or `litopys network init` makes it")
    lifetime_s = round(hours * _SECONDS_AN_HOUR)
    print_result(
        sign_token(
            load_token_key(key),
            actor=actor,
            now_s=int(time.time()),
            lifetime_s=lifetime_s,
            scopes=tuple(scope or ()),
            code=code,
        )
    )


def _print_public(signer: Signer, origin: str, *, as_json: bool) -> None:
    vkey, possession = format_vkey(signer.vkey), sign_possession(signer, origin)
    if as_json:
        print_json({"vkey": vkey, "possession": possession})
        return
    print_result(vkey)
    print_result(possession)
    note("first line: the public key; second line: its proof of possession. Both go into the network file.")
