"""`litopys sample`: synthetic exports of any size, in a form that `litopys import` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from litopys.cli.console import Quiet, WrongUse, note
from litopys.cli.sectors import load_sector


def sample(
    sector: Annotated[str, typer.Argument(help="The sector, such as registers.")],
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
            help="How many events a row comes to on average: with more, longer lives.",
        ),
    ] = 4.0,
    quiet: Quiet = False,
) -> None:
    """Write a synthetic export of a register: no real person, no real body.

    Example: litopys sample registers --rows 20000 --seed 7 -o parcels.geojson
    """
    described = load_sector(sector, command="sample")
    if not described.samples:
        raise WrongUse(f"{sector} has no sample")
    scratch = output.with_name(f"{output.name}.new")
    try:
        pieces = described.samples[0].make(rows=rows, seed=seed, events_per_row=events_per_row, dirt=False)
        with scratch.open("wb") as file:
            size = sum(file.write(piece) for piece in pieces)
        scratch.replace(output)
    except OSError as error:
        raise WrongUse(f"{output}: {error.strerror}") from error
    note(f"{output}: {rows:,} rows, {size:,} bytes", quiet=quiet)
