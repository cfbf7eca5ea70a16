"""`litopys import`: a register's export onto the ledger, with progress, resumption and a report."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from litopys.cli.console import AsJson, ExitCode, Quiet, WrongUse, end, is_terminal, note, print_json, print_result
from litopys.cli.files import read_network
from litopys.cli.sectors import load_sector
from litopys.cli.shell import shell_needed
from litopys.cli.state import DEFAULT_STATE, StateFile, read_state

if TYPE_CHECKING:
    from litopys.ledger.network import Network
    from litopys.service.imports.importer import Importer
    from litopys.service.imports.progress import Progress
    from litopys.service.imports.request import Imported
    from litopys.service.sector import Sector

_LINE_EVERY_S = 5.0
_IDLE_S = 30.0


def import_command(
    sector: Annotated[str, typer.Argument(help="The sector, such as registers.")],
    file: Annotated[Path, typer.Argument(help="The export.", exists=True, dir_okay=False)],
    *,
    importer: Annotated[str | None, typer.Option(help="Which importer; else the one that recognises the file.")] = None,
    actor: Annotated[str, typer.Option(help="Who imports: the id that the events carry.")] = "importer",
    approver: Annotated[str | None, typer.Option(help="The second person, who closes it; else it stays open.")] = None,
    authority: Annotated[str, typer.Option(help="Whose register it is.")] = "unstated",
    basis: Annotated[str, typer.Option(help="On what basis it moves.")] = "unstated",
    as_of: Annotated[str | None, typer.Option(help="The day that the export describes; today.")] = None,
    part: Annotated[str, typer.Option(help="The part of the register that the file covers; all of it.")] = "",
    at_most: Annotated[
        float | None, typer.Option(min=0.1, help="Rows a second, to leave room for daily business; else all it can.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="The report, mode 0600; FILE.report.tsv.")] = None,
    abandon: Annotated[
        bool, typer.Option("--abandon", help="End another import of this register, where it stopped, first.")
    ] = False,
    older: Annotated[
        bool, typer.Option("--older", help="Although an export of a later day was imported already.")
    ] = False,
    state: StateFile = DEFAULT_STATE,
    database_url: Annotated[str | None, typer.Option(help="The sector's database, if not the state file's.")] = None,
    network_file: Annotated[Path | None, typer.Option("--network", help="Network file, if not that one's.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Import an export of a register and wait until all that was admitted is final.

    Killed or interrupted, the same command goes on where it stopped.

    Example: litopys import registers parcels.geojson --actor migration-1 --approver registrar-2
    """
    described = load_sector(sector, command="import")
    with shell_needed("import"):
        from litopys.service.imports.request import ImportRequest  # noqa: PLC0415 -- extra
    request = ImportRequest(
        importer=_importer(described, importer, file),
        path=file,
        actor=actor,
        approver=approver,
        authority=authority,
        basis=basis,
        as_of=as_of or datetime.now(UTC).date().isoformat(),
        report=report or file.with_name(f"{file.name}.report.tsv"),
        part=part,
        rows_per_s=at_most,
        abandon=abandon,
        older=older,
    )
    network, dsn = _where(sector, state=state, network_file=network_file, database_url=database_url)
    with _Shown(quiet=quiet) as shown:
        imported = _import(described, network=network, dsn=dsn, request=request, on_progress=shown.tell)
    _tell(imported, as_json=as_json, quiet=quiet)


def _import(sector: Sector, **given: Any) -> Imported:  # noqa: ANN401 -- as `import_file` takes it
    """Import; what somebody has to do first is wrong use, and what another process is doing is to be waited for."""
    from litopys.postgres.sector_imports import RegisterTaken  # noqa: PLC0415 -- extra
    from litopys.service.garbage import spare_what_is_loaded  # noqa: PLC0415 -- extra
    from litopys.service.imports.importing import import_file  # noqa: PLC0415 -- extra
    from litopys.service.imports.request import ImportRefused  # noqa: PLC0415 -- extra
    from litopys.service.logs import configure_logs  # noqa: PLC0415 -- extra

    # What the rooms below have to say goes to stderr: stdout holds the result and nothing else.
    configure_logs(service="import", name=sector.name, level="warning")
    spare_what_is_loaded()
    try:
        return asyncio.run(import_file(sector, **given))
    except ImportRefused as error:
        raise WrongUse(error.detail) from error
    except RegisterTaken as error:
        end(ExitCode.INCONCLUSIVE, error.detail)


def _importer(sector: Sector, name: str | None, file: Path) -> Importer:
    """Return the importer named, or the only one that recognises the file; raises WrongUse."""
    with shell_needed("import"):
        from litopys.service.imports.histories import importers_of  # noqa: PLC0415 -- extra
    importers = importers_of(sector)
    names = ", ".join(one.name for one in importers)
    fitting = [one for one in importers if (one.name == name if name else one.recognises(file))]
    if len(fitting) != 1:
        problem = f"no importer {name}" if name else f"{len(fitting)} importers recognise {file}"
        raise WrongUse(f"{problem}; name one with --importer: {names}")
    return fitting[0]


def _where(sector: str, *, state: Path, network_file: Path | None, database_url: str | None) -> tuple[Network, str]:
    """Find out which network and which database; raises WrongUse that says which of the two is not known."""
    if network_file is not None and database_url is not None:
        return read_network(network_file), database_url
    if not state.exists():
        lacking = "--database-url" if network_file is not None else "--network"
        lacking = "--network and --database-url" if network_file is None and database_url is None else lacking
        raise WrongUse(
            f"an import needs a network, and {state} is not there: `make up` starts one and writes that file; "
            f"--state names another, or {lacking} says what it would tell"
        )
    known = read_state(state)
    network = known.network() if network_file is None else read_network(network_file)
    return network, database_url or known.database("sectors", sector)


class _Shown:
    """Progress on stderr: a line that is written over on a terminal, a line every few seconds elsewhere."""

    def __init__(self, *, quiet: bool) -> None:
        self._is_quiet = quiet
        self._is_terminal = is_terminal()
        self._due = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._is_terminal and not self._is_quiet:
            sys.stderr.write("\r\x1b[K")

    def tell(self, progress: Progress) -> None:
        """Show how far the import is."""
        now = time.monotonic()
        if self._is_quiet or (now < self._due and not self._is_terminal):
            return
        self._due = now + _LINE_EVERY_S
        line = format_progress(progress)
        sys.stderr.write(f"\r\x1b[K{line}" if self._is_terminal else f"{line}\n")
        sys.stderr.flush()


def format_progress(progress: Progress) -> str:
    """Format one line of progress: what is done, how fast, how long still."""
    counts = progress.counts
    left = "" if progress.remaining_s is None else f", {format_duration(progress.remaining_s)} left"
    if progress.phase == "sealing":
        idle = ""
        if progress.idle_s > _IDLE_S:
            idle = f"; none for {format_duration(progress.idle_s)}: do the sector's relay, the sealer, validators run?"
        return f"sealing: {progress.unseen:,} events not final yet, {progress.rate:,.0f}/s{left}{idle}"
    total = "" if progress.total is None else f" of {progress.total:,}"
    told = f"{counts.admitted:,} admitted, {counts.merged:,} merged, {counts.refused:,} refused"
    return f"reading: {counts.read:,}{total} rows ({told}), {progress.rate:,.0f}/s{left}"


def format_duration(seconds: float) -> str:
    """Format a duration for people: `48 s`, `3 min 20 s`, `2 h 05 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3_600} h {whole % 3_600 // 60:02} min"


def _tell(imported: Imported, *, as_json: bool, quiet: bool) -> None:
    told = {
        **imported.counts._asdict(),
        "vanished": imported.vanished,
        "rejected": imported.rejected,
        "closed": imported.is_closed,
        "rate": round(imported.rate, 1),
        "seconds": round(imported.seconds, 3),
    }
    if as_json:
        print_json({"import": imported.import_id, **told, "report": str(imported.report)})
    else:
        print_result(format_result(imported))
        note(f"report: {imported.report}", quiet=quiet)
    if not imported.is_closed:
        note("the closing awaits a second person: the same command with --approver gives it", quiet=quiet)
    if imported.rejected:
        end(ExitCode.FAILED, f"the ledger rejected {imported.rejected} events: see {imported.report}")


def format_result(imported: Imported) -> str:
    """Format what an import came to, in one line: counts that add up, and what there is beside them."""
    counts = imported.counts
    sum_ = (
        f"{counts.admitted:,} admitted + {counts.merged:,} merged + {counts.refused:,} refused = {counts.read:,} read"
    )
    vanished = "not read to its end" if imported.vanished is None else f"{imported.vanished:,} vanished"
    beside = f"{counts.events:,} events, {counts.flagged:,} flagged, {vanished}"
    pace = f"{imported.rate:,.0f} rows/s, {format_duration(imported.seconds)}"
    return f"import {imported.import_id}: {sum_}; {beside}; {pace}; all final"
