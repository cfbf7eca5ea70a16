"""Loading what only some installations have: the rooms that talk to Kafka, Postgres and the web."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from litopys.cli.console import WrongUse

if TYPE_CHECKING:
    from collections.abc import Iterator

_OWN = ("litopys", "services")


@contextmanager
def shell_needed(command: str) -> Iterator[None]:
    """Turn the lack of a package that the block imports into a message that says what to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] in _OWN:
            raise
        raise WrongUse(
            f"`litopys {command}` needs {error.name}, which the verifying part does not bring: "
            "install the extra `services` (pip install 'litopys[services]')"
        ) from error
