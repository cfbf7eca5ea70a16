"""`litopys sample`: synthetic exports of any size, in a form that `litopys import` reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from litopys.cli.console import Quiet, WrongUse, note, print_result
from litopys.cli.sectors import load_catalogue, load_sector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litopys.service.imports.importer import Sample
    from litopys.service.sector import Sector


def sample(
    sector: Annotated[str | None, typer.Argument(help="The sector, such as registers.")] = None,
    name: Annotated[str | None, typer.Argument(help="Which of its samples; the first.")] = None,
    *,
    rows: Annotated[int, typer.Option("--rows", "-n", min=1, help="How many rows.")] = 1_000,
    seed: Annotated[int, typer.Option("--seed", "-s", help="The same seed gives the same file.")] = 1,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")] = Path("sample"),
    events_per_row: Annotated[
        float,
        typer.Option(
            "--events-per-row",
            "--events-per-parcel",
            min=1.0,
            max=10_000.0,
            help="How many events a row comes to on average: with more, longer lives.",
        ),
    ] = 4.0,
    dirt: Annotated[bool, typer.Option("--dirt", help="One row in twenty has a fault of real exports.")] = False,
    is_list: Annotated[bool, typer.Option("--list", help="List what samples there are, and write none.")] = False,
    quiet: Quiet = False,
) -> None:
    """Write a synthetic export of a register: no real person, no real body.

    Example: litopys sample registers titles --rows 20000 --seed 7 -o parcels.geojson
    """
    if is_list:
        _list(sector)
        return
    if sector is None:
        raise WrongUse("name a sector, or ask for --list")
    chosen = _chosen(load_sector(sector, command="sample"), name)
    pieces = chosen.make(rows=rows, seed=seed, events_per_row=events_per_row, dirt=dirt)
    try:
        size = _write(output, pieces)
    except OSError as error:
        raise WrongUse(f"{output}: {error.strerror}") from error
    note(f"{output}: {rows:,} rows for --importer {chosen.importer}, {size:,} bytes", quiet=quiet)


def _write(output: Path, pieces: Iterable[bytes]) -> int:
    """Write a file as a whole or not at all; what is no file, such as a pipe or a device, is written to as it is."""
    is_special = output.exists() and not output.is_file()
    scratch = output if is_special else output.with_name(f"{output.name}.new")
    with scratch.open("wb") as file:
        size = sum(file.write(piece) for piece in pieces)
    if not is_special:
        scratch.replace(output)
    return size


def _list(sector: str | None) -> None:
    names = load_catalogue().sector_names() if sector is None else (sector,)
    described = [load_sector(one, command="sample") for one in names]
    lines = [(one.name, sample) for one in described for sample in one.samples]
    width = max((len(f"{name} {sample.name}") for name, sample in lines), default=0)
    for name, sample in lines:
        print_result(f"{f'{name} {sample.name}':{width}}  {sample.title}")


def _chosen(sector: Sector, name: str | None) -> Sample:
    """Return the sample named, or the first; raises WrongUse."""
    if not sector.samples:
        raise WrongUse(f"{sector.name} has no sample")
    fitting = [one for one in sector.samples if name in (None, one.name)]
    if not fitting:
        raise WrongUse(f"{sector.name} has no sample {name}; it has {', '.join(one.name for one in sector.samples)}")
    return fitting[0]
