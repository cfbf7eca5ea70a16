"""`litopys audit`: recompute a validator's database, or any validator's public files, from raw bytes to the root."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from litopys.audit.fetching import LedgerFiles
from litopys.audit.outside import OutsideAudit
from litopys.audit.rules import installed_rules
from litopys.audit.unproven import explain
from litopys.cli import http
from litopys.cli.audit_metrics import write_textfile
from litopys.cli.console import AsJson, ExitCode, Quiet, WrongUse, end, is_terminal, note, print_json, print_result
from litopys.cli.files import put_whole, read_bytes, read_network, read_policy
from litopys.cli.shell import shell_needed
from litopys.cli.state import DEFAULT_STATE, StateFile, read_state
from litopys.cli.verdicts import NOT_VALID, VALID, format_verdict
from litopys.errors import LitopysError

if TYPE_CHECKING:
    from litopys.audit.findings import Report
    from litopys.ledger.network import Network
    from litopys.note.policies import Policy

_PRINTED = 50
_TERMINAL_EVERY_S = 0.5
_FILE_EVERY_S = 30.0

DatabaseUrl = Annotated[
    str | None, typer.Option("--database-url", "--database", help="Where a validator's database is (Postgres DSN).")
]
ValidatorName = Annotated[
    str | None, typer.Option("--validator", help="Whose database it is; without a DSN it is taken from the state file.")
]
OutsideUrl = Annotated[str | None, typer.Option("--url", help="Audit what this validator serves, from outside.")]
NetworkFile = Annotated[Path | None, typer.Option("--network", help="Network file; else that of the state file.")]
PolicyOnly = Annotated[Path | None, typer.Option("--policy", help="With --url, where no network file is at hand.")]
Since = Annotated[Path | None, typer.Option("--since", help="With --url: an earlier checkpoint to go on from.")]
Remember = Annotated[
    Path | None, typer.Option("--remember", help="With --url: write the checkpoint here if all holds.")
]
Textfile = Annotated[
    Path | None,
    typer.Option("--textfile", help="Also write the outcome here, for node_exporter's textfile collector (*.prom)."),
]
Explain = Annotated[bool, typer.Option("--explain", help="Say what an audit of a database cannot prove, and why.")]


class Progress:
    """Tells on stderr how far it has come, seldom."""

    def __init__(self, *, quiet: bool) -> None:
        self._is_silent = quiet
        self._every_s = _TERMINAL_EVERY_S if is_terminal() else _FILE_EVERY_S
        self._started = self._told = time.monotonic()

    def __call__(self, height: int, size: int) -> None:
        """Note that a block has been recomputed."""
        now = time.monotonic()
        if self._is_silent or now - self._told < self._every_s:
            return
        self._told = now
        note(f"block {height}, {size:,} entries, {size / (now - self._started):,.0f} a second")


def audit(
    *,
    database: DatabaseUrl = None,
    validator: ValidatorName = None,
    url: OutsideUrl = None,
    network: NetworkFile = None,
    policy: PolicyOnly = None,
    since: Since = None,
    remember: Remember = None,
    textfile: Textfile = None,
    state: StateFile = DEFAULT_STATE,
    explain_only: Explain = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Recompute a ledger from raw bytes to the cosigned root: a validator's database, or with --url any validator.

    Example: litopys audit --validator kyiv

    Example: litopys audit --url https://kyiv.example --network network.json --since last.checkpoint

    Example: litopys audit --validator kyiv --quiet --textfile /var/lib/node_exporter/litopys-kyiv.prom
    """
    if explain_only:
        print_result(explain())
        return
    if textfile is not None and validator is None and url is None:
        raise WrongUse("--textfile says of whom it tells: name the validator of this database with --validator")
    progress, started = Progress(quiet=quiet), time.monotonic()
    if url is None:
        if policy is not None or since is not None or remember is not None:
            raise WrongUse("--policy, --since and --remember go with --url; a database is audited with --network")
        report, about = _audit_database(database, validator, network, state, progress)
    elif database is not None or validator is not None:
        raise WrongUse("either --url, or a database")
    else:
        report, about = _audit_outside(url.removesuffix("/"), network, policy, since, remember, state, progress)
    if textfile is not None:
        write_textfile(textfile, report, validator=validator or str(url), duration_s=time.monotonic() - started)
    _print(report, about, as_json=as_json)
    if report.has_failed:
        end(ExitCode.FAILED)


def _audit_database(
    database: str | None, validator: str | None, network: Path | None, state: Path, progress: Progress
) -> tuple[Report, str]:
    if database is None and validator is None:
        raise WrongUse("say what to audit: --validator NAME, --database-url DSN or --url URL")
    dsn = database or read_state(state).database("validators", str(validator))
    known = _network(network, state)
    with shell_needed("audit"):
        from litopys.audit.database import audit_database  # noqa: PLC0415 -- extra
    report = asyncio.run(
        audit_database(dsn, known, load_rules=installed_rules(), validator=validator, progress=progress)
    )
    return report, f"the database of {validator or 'a validator'} of {known.origin}"


def _audit_outside(
    url: str,
    network: Path | None,
    policy: Path | None,
    since: Path | None,
    remember: Path | None,
    state: Path,
    progress: Progress,
) -> tuple[Report, str]:
    known = None if policy is not None and network is None else _network(network, state)
    trusted: Policy = read_policy(policy) if policy is not None else known.policy()  # type: ignore[union-attr]
    if known is not None and known.policy() != trusted:
        raise WrongUse("the policy is not that of the network file")
    files = LedgerFiles(lambda path: http.get(url + path))
    one = OutsideAudit(files, policy=trusted, network=known, load_rules=installed_rules(), progress=progress)
    report = one.run(since=_earlier(since, trusted))
    if remember is not None and one.checkpoint is not None:
        put_whole(remember, one.checkpoint)
    return report, f"{trusted.origin} as {url} serves it"


def _earlier(path: Path | None, policy: Policy) -> bytes | None:
    """Read an earlier checkpoint; raises WrongUse where the file is none of this log."""
    if path is None:
        return None
    data = read_bytes(path)
    try:
        policy.verify_checkpoint(data)
    except LitopysError as error:
        raise WrongUse(f"{path}: {error}") from error
    return data


def _network(path: Path | None, state: Path) -> Network:
    return read_network(path) if path is not None else read_state(state).network()


def _print(report: Report, about: str, *, as_json: bool) -> None:
    if as_json:
        print_json(report.value() | {"about": about})
        return
    checked = [f"{number:,} {what}" for what, number in report.counts.items()]
    verdict = NOT_VALID if report.has_failed else VALID
    print_result(format_verdict(verdict, about, checked=checked, unchecked=report.not_checked))
    for remark in report.remarks:
        print_result(f"  noted: {remark}")
    for place, key, what in report.findings[:_PRINTED]:
        print_result(f"  {place}, {key}: {what}")
    if report.found > _PRINTED:
        print_result(f"  and {report.found - _PRINTED:,} more; --json lists up to a thousand")
