"""`litopys migrate`: a database brought to this build's layout, and its roles to what they may do."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from litopys.cli.console import AsJson, WrongUse, print_json, print_result
from litopys.cli.shell import shell_needed
from litopys.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Sequence

OWNER_DSN = "LITOPYS_OWNER_DATABASE_URL"


class Kind(StrEnum):
    """Whose database it is."""

    LEDGER = "ledger"
    SECTOR = "sector"


def migrate(
    kind: Annotated[Kind, typer.Argument(help="A validator's database or a sector's.")],
    *,
    database: Annotated[str, typer.Option(envvar=OWNER_DSN, help="DSN of the database, as its owner.")] = "",
    service_role: Annotated[str | None, typer.Option(help="The role of the process that writes.")] = None,
    reader_role: Annotated[str | None, typer.Option(help="The role of whoever only reads.")] = None,
    as_json: AsJson = False,
) -> None:
    """Apply the migrations that the database lacks, then let the roles do what each must, and no more.

    It may be said at any time, by several at once, and beside processes at work. The roles have to be there.

    Example: litopys migrate ledger --service-role litopys_service --reader-role litopys_reader
    """
    if not database:
        raise WrongUse(f"which database? --database or {OWNER_DSN} names it")
    try:
        applied = asyncio.run(_migrate(kind, database, service_role, reader_role))
    except Malformed as error:
        raise WrongUse(str(error)) from error
    roles = [role for role in (service_role, reader_role) if role is not None]
    if as_json:
        print_json({"applied": list(applied), "granted": roles})
        return
    print_result(f"{kind}: {', '.join(applied) or 'nothing was lacking'}")
    for role in roles:
        print_result(f"{kind}: {role} may do what it must")


async def _migrate(kind: Kind, dsn: str, service_role: str | None, reader_role: str | None) -> Sequence[str]:
    with shell_needed("migrate"):
        from litopys.postgres.grants import bring_up_to_date  # noqa: PLC0415 -- extra
    return await bring_up_to_date(dsn, kind.value, service_role=service_role, reader_role=reader_role)
