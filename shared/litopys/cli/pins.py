"""The policies that a user has decided to trust, one an origin, in the user's own configuration folder.

A policy is never taken from the server whose answers it is to judge.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from litopys.cli.console import WrongUse
from litopys.cli.files import put_whole, read_policy
from litopys.note.policies import format_policy

if TYPE_CHECKING:
    from litopys.note.policies import Policy

PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", envvar="LITOPYS_POLICY", help="Policy or network file; else the one pinned."),
]


class NoPolicy(WrongUse):
    """Nobody said whom to believe."""


def pin_path(origin: str) -> Path:
    """Return where the policy of an origin is pinned (XDG base directories)."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "litopys" / "policies" / origin.replace("/", "%")


def pin(policy: Policy, *, replace: bool) -> Path:
    """Pin a policy; raises WrongUse where another one is pinned for its origin, unless it is to be replaced."""
    path, text = pin_path(policy.origin), format_policy(policy)
    if path.exists() and path.read_text() != text and not replace:
        raise WrongUse(f"another policy is pinned for {policy.origin} in {path}; --replace if you know why")
    path.parent.mkdir(parents=True, exist_ok=True)
    put_whole(path, text.encode())
    return path


def policy_for(origin: str, given: Path | None) -> Policy:
    """Return the policy that was given, or the one pinned for an origin. Raises NoPolicy, WrongUse."""
    if given is not None:
        return read_policy(given)
    path = pin_path(origin)
    if not path.exists():
        raise NoPolicy(f"no policy: give one with --policy, or pin one for {origin} with `litopys network pin FILE`")
    return read_policy(path)
