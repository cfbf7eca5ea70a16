"""`litopys event` and `litopys receipt`: what a validator says, verified before it is shown or written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from litopys.cli import verdicts
from litopys.cli.asking import ask_any
from litopys.cli.console import AsJson, Quiet, WrongUse, note, print_json, print_result
from litopys.cli.http import get, get_json
from litopys.cli.pins import PolicyFile, policy_for
from litopys.cli.state import DEFAULT_STATE, StateFile, ValidatorUrl, read_state, urls_to_ask
from litopys.cli.verifying import origin_of
from litopys.errors import Malformed, Unavailable, VerificationFailed
from litopys.event.cloudevents import Event
from litopys.event.streams import is_subject
from litopys.ledger.receipts import SUFFIX, VerifiedReceipt, verify_receipt
from litopys.note.policies import Policy

_PAGE = 100


class Address(NamedTuple):
    """A place in a stream; without a version, the stream as a whole."""

    subject: str
    version: int | None

    def __str__(self) -> str:
        return self.subject if self.version is None else f"{self.subject}@{self.version}"


class Fetched(NamedTuple):
    """A receipt with what it proves under a policy."""

    data: bytes
    verified: VerifiedReceipt
    policy: Policy


def event(
    address: Annotated[str, typer.Argument(help="SUBJECT@VERSION for one event, SUBJECT for all of a stream.")],
    *,
    url: ValidatorUrl = None,
    state: StateFile = DEFAULT_STATE,
    policy: PolicyFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Show an event, verified where it is final; or the events of a stream as a validator lists them.

    Example: litopys event land_parcel:3220881300:04:001:0012@2
    """
    wanted = parse_address(address)
    urls = urls_to_ask(url, state)
    if wanted.version is None:
        _show_stream(wanted.subject, urls, as_json=as_json, quiet=quiet)
        return
    found = ask_any(urls, partial(_ask_address, wanted))
    if found["status"] != "final":
        _show_unfinal(wanted, found, as_json=as_json)
        return
    fetched = fetch_receipt(urls, found["index"], given=policy, state=state, wanted=wanted)
    shown = verdicts.receipt_value(fetched.verified, fetched.policy)
    if as_json:
        print_json({"status": "final", "verdict": verdicts.VALID, **shown})
        return
    print_result(json.dumps(shown["data"], ensure_ascii=False, indent=1))
    note(f"final at index {found['index']}: {shown['type']}, recorded {shown['time']} by {shown['actor']}", quiet=quiet)
    note("verified: entry, inclusion and quorum; not checked: whether later events correct it", quiet=quiet)


def receipt(
    wanted: Annotated[str, typer.Argument(metavar="SUBJECT@VERSION|INDEX", help="An event, or the index of an entry.")],
    *,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Where to write it; INDEX.tlog-proof.")] = None,
    url: ValidatorUrl = None,
    state: StateFile = DEFAULT_STATE,
    policy: PolicyFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Fetch the receipt of a final event, verify it, and write it to a file.

    Example: litopys receipt land_parcel:3220881300:04:001:0012@2 -o title.tlog-proof
    """
    urls = urls_to_ask(url, state)
    address = None if wanted.isdecimal() else parse_address(wanted)
    index = int(wanted) if address is None else _final_index(address, urls)
    fetched = fetch_receipt(urls, index, given=policy, state=state, wanted=address)
    path = output or Path(f"{index}{SUFFIX}")
    try:
        path.write_bytes(fetched.data)
    except OSError as error:
        raise WrongUse(f"{path}: {error.strerror}") from error
    if as_json:
        print_json({"file": str(path), "index": index, "about": verdicts.address_of(fetched.verified)})
        return
    print_result(str(path))
    note(f"the receipt of {verdicts.address_of(fetched.verified)}, index {index}, verified", quiet=quiet)


def parse_address(text: str) -> Address:
    """Parse SUBJECT or SUBJECT@VERSION; raises WrongUse."""
    subject, at, version = text.partition("@")
    if not is_subject(subject) or (at and not (version.isdecimal() and int(version) > 0)):
        raise WrongUse(f"{text}: neither SUBJECT nor SUBJECT@VERSION")
    return Address(subject, int(version) if at else None)


def fetch_receipt(urls: list[str], index: int, *, given: Path | None, state: Path, wanted: Address | None) -> Fetched:
    """Fetch the receipt of an index from any validator and verify it.

    The policy is the one given, or pinned, or that of this machine's own network. Raises NotThere, Unavailable,
    Malformed, VerificationFailed.
    """

    def ask(url: str) -> Fetched:
        data = get(f"{url}/receipt/{index}")
        policy = _policy(data, given, state)
        verified = verify_receipt(data, policy)
        if verified.index != index or not _is_about(verified, wanted):
            raise VerificationFailed(f"{url} answers with the receipt of another entry")
        return Fetched(data, verified, policy)

    return ask_any(urls, ask)


def _policy(receipt: bytes, given: Path | None, state: Path) -> Policy:
    if given is None and state.exists():
        return read_state(state).policy()
    return policy_for(origin_of(receipt), given)


def _is_about(verified: VerifiedReceipt, wanted: Address | None) -> bool:
    content = verified.content
    if wanted is None:
        return True
    return isinstance(content, Event) and (content.subject, content.streamversion) == wanted


def _ask_address(wanted: Address, url: str) -> dict[str, Any]:
    found = get_json(f"{url}/api/v1/events/by-address", {"subject": wanted.subject, "version": wanted.version or 0})
    if found.get("status") not in {"pending", "sealed", "final", "rejected"}:
        raise Malformed(f"{url}: no status")
    return found


def _final_index(address: Address, urls: list[str]) -> int:
    if address.version is None:
        raise WrongUse(f"{address}: a receipt is of one event, SUBJECT@VERSION")
    found = ask_any(urls, partial(_ask_address, address))
    if found["status"] != "final":
        raise Unavailable(f"{address} is {found['status']}, and only what is final has a receipt")
    return int(found["index"])


def _show_unfinal(wanted: Address, found: dict[str, Any], *, as_json: bool) -> None:
    """Show what a validator says of an event that is not final; there is nothing to verify yet."""
    if as_json:
        print_json({name: found.get(name) for name in ("status", "subject", "version", "index", "height", "reason")})
        return
    reason = f": {found['reason']}" if found.get("reason") else ""
    print_result(f"{wanted} is {found['status']}{reason}")


def _show_stream(subject: str, urls: list[str], *, as_json: bool, quiet: bool) -> None:
    pages = list(_stream_pages(subject, urls))
    entries = [entry for page in pages for entry in page["entries"]]
    if as_json:
        print_json({"subject": subject, "version": pages[0]["version"], "entries": entries})
        return
    for entry in reversed(entries):
        told = entry["event"]
        name = str(told["type"]).split(".")[-2]
        where = f"{subject}@{told['streamversion']}  {entry['status']}  index {entry['index']}"
        print_result(f"{where}  {told['time']}  {name}")
    note("as one validator lists it, not verified; `litopys event SUBJECT@VERSION` verifies", quiet=quiet)


def _stream_pages(subject: str, urls: list[str]) -> Iterator[dict[str, Any]]:
    """Ask for a stream's entries, newest first, page by page."""
    query: dict[str, str | int] = {"limit": _PAGE}
    while True:
        page = ask_any(urls, partial(_ask_stream, subject, query))
        yield page
        if page.get("next") is None:
            return
        query["cursor"] = page["next"]


def _ask_stream(subject: str, query: dict[str, str | int], url: str) -> dict[str, Any]:
    page = get_json(f"{url}/api/v1/streams/{subject}", query)
    if not {"version", "entries", "next"} <= page.keys():
        raise Malformed(f"{url}: not the page of a stream")
    return page
