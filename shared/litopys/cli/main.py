"""The entry point `litopys`: its commands, and the exit code of whatever goes wrong in them."""

from __future__ import annotations

import sys

import typer

from litopys.cli import audit, fetching, importing, keys, migrating, networks, new_sector, sampling, status, verifying
from litopys.cli.console import ExitCode, WrongUse
from litopys.errors import LitopysError, Unavailable

app = typer.Typer(
    name="litopys",
    help="A ledger for the registers of a state: verify a receipt, audit a validator, import a register, keep keys.",
    epilog="Exit codes: 0 fine, 1 something FAILED verification, 2 wrong usage, 3 unreachable or inconclusive.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(keys.app, name="keys")
app.add_typer(networks.app, name="network")
app.command("verify")(verifying.verify)
app.command("audit")(audit.audit)
app.command("disclose")(verifying.disclose)
app.command("event")(fetching.event)
app.command("receipt")(fetching.receipt)
app.command("status")(status.status)
app.command("sample")(sampling.sample)
app.command("new-sector")(new_sector.new_sector)
app.command("remove-sector")(new_sector.remove_sector)
app.command("import")(importing.import_command)
app.command("migrate")(migrating.migrate)


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        app()
    except WrongUse as error:
        _leave(ExitCode.USAGE, str(error))
    except (Unavailable, OSError) as error:
        _leave(ExitCode.INCONCLUSIVE, str(error))
    except LitopysError as error:
        _leave(ExitCode.FAILED, f"FAILED: {error}")
    except KeyboardInterrupt:
        _leave(ExitCode.INCONCLUSIVE, "interrupted")


def _leave(code: ExitCode, message: str) -> None:
    sys.stderr.write(f"litopys: {message}\n")
    raise SystemExit(code)


if __name__ == "__main__":
    main()
