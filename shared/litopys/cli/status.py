"""`litopys status`: the network on this machine, and how far its ledger is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from litopys.cli.console import AsJson, ExitCode, end, print_json, print_result
from litopys.cli.http import get_json
from litopys.cli.state import DEFAULT_STATE, StateFile, read_state
from litopys.errors import Malformed, Unavailable

if TYPE_CHECKING:
    from litopys.cli.state import State

_TIMEOUT_S = 3.0
_LOOK_BACK_BLOCKS = 50


def status(state: StateFile = DEFAULT_STATE, *, as_json: AsJson = False) -> None:
    """Show the members of the network on this machine and the ledger's newest and final height.

    Example: litopys status --json | jq .final_height
    """
    known = read_state(state)
    heads = [head for head in map(_ask_head, known.urls) if head is not None]
    shown = _describe(known, max(heads, key=lambda head: int(head["height"]), default=None))
    if as_json:
        print_json(shown)
    else:
        _print(shown)
    if not heads:
        end(ExitCode.INCONCLUSIVE, "no validator answers")


def _describe(state: State, head: dict[str, int] | None) -> dict[str, Any]:
    """Put together what is printed: these names, in this order."""
    values = state.values
    return {
        "origin": values["origin"],
        "policy": values["policy"],
        "network": values["network"],
        "log_vkey": values["log_vkey"],
        "bootstrap": values["bootstrap"],
        "postgres": values["postgres"],
        "validators": [{name: one[name] for name in ("name", "vkey", "url")} for one in values["validators"]],
        "sectors": [{name: one[name] for name in ("name", "url")} for one in values["sectors"]],
        "processes": [{"name": one["name"], "pid": _living(one["pid"])} for one in values["processes"]],
        "tree_size": None if head is None else head["tree_size"],
        "height": None if head is None else head["height"],
        "final_height": None if head is None else head["final_height"],
    }


def _ask_head(url: str) -> dict[str, int] | None:
    """Ask a validator how far it is; None where it does not answer. −1 stands for no block yet."""
    try:
        blocks = get_json(f"{url}/api/v1/blocks", {"limit": _LOOK_BACK_BLOCKS}, timeout_s=_TIMEOUT_S)["blocks"]
    except (Unavailable, Malformed, KeyError):
        return None
    final = next((block["height"] for block in blocks if block["status"] == "final"), -1)
    if not blocks:
        return {"tree_size": 0, "height": -1, "final_height": -1}
    return {"tree_size": blocks[0]["tree_size"], "height": blocks[0]["height"], "final_height": final}


def _living(pid: int | None) -> int | None:
    """Return a process id if such a process lives."""
    return pid if pid is not None and Path(f"/proc/{pid}").exists() else None


def _print(shown: dict[str, Any]) -> None:
    print_result(f"{shown['origin']}: height {shown['height']}, final {shown['final_height']}, "
                 f"tree size {shown['tree_size']}")  # fmt: skip
    for kind in ("validators", "sectors"):
        for one in shown[kind]:
            print_result(f"  {kind.removesuffix('s')} {one['name']}  {one['url']}")
    for one in shown["processes"]:
        told = "not running" if one["pid"] is None else f"pid {one['pid']}"
        print_result(f"  process {one['name']}  {told}")
