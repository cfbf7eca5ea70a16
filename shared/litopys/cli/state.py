"""The state file of a network on this machine: who is where. Made by `make up`, read by most commands."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from litopys.cli.console import WrongUse
from litopys.cli.files import read_bytes, read_network, read_policy

if TYPE_CHECKING:
    from litopys.ledger.network import Network
    from litopys.note.policies import Policy

DEFAULT_STATE = Path("var/litopys.json")

StateFile = Annotated[
    Path, typer.Option("--state", envvar="LITOPYS_STATE", help="State file of the network on this machine.")
]
ValidatorUrl = Annotated[
    str | None, typer.Option("--url", help="Ask this validator instead of those in the state file.")
]


@dataclass(frozen=True, slots=True)
class State:
    """A state file, as it was read."""

    values: dict[str, Any]

    @property
    def urls(self) -> list[str]:
        """The URLs of the validators."""
        return [str(one["url"]) for one in self.values["validators"]]

    @property
    def network_file(self) -> Path:
        """The network file."""
        return Path(self.values["network"])

    def network(self) -> Network:
        """Read the network file."""
        return read_network(self.network_file)

    def policy(self) -> Policy:
        """Read the policy."""
        return read_policy(Path(self.values["policy"]))

    def database(self, kind: str, name: str) -> str:
        """Return the DSN of a member's database; `kind` is `validators` or `sectors`. Raises WrongUse."""
        for one in self.values[kind]:
            if one["name"] == name and "database" in one:
                return str(one["database"])
        raise WrongUse(f"the state file names no database of {name}")


def read_state(path: Path) -> State:
    """Read a state file; raises WrongUse."""
    if not path.exists():
        raise WrongUse(f"{path} is not there: `make up` makes it, --state names another")
    try:
        values = json.loads(read_bytes(path))
        for name in ("origin", "policy", "network", "validators", "sectors", "processes"):
            values[name]
    except (ValueError, KeyError, TypeError) as error:
        raise WrongUse(f"{path}: not a state file") from error
    return State(values)


def urls_to_ask(url: str | None, state: Path) -> list[str]:
    """Return the validators to ask: the given one, or those of the state file."""
    return [url.removesuffix("/")] if url is not None else read_state(state).urls
