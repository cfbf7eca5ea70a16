"""`litopys verify` and `litopys disclose`: offline, with a policy and pure rooms alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from litopys.cli import verdicts
from litopys.cli.console import AsJson, ExitCode, Quiet, WrongUse, end, print_json, print_result
from litopys.cli.files import read_bytes, read_text
from litopys.cli.pins import NoPolicy, PolicyFile, policy_for
from litopys.errors import Malformed, VerificationFailed
from litopys.event.cloudevents import Event
from litopys.event.disclosures import verify_disclosure
from litopys.ledger.receipts import VerifiedReceipt, parse_receipt, verify_receipt
from litopys.note.checkpoints import parse_checkpoint
from litopys.note.notes import parse_note

if TYPE_CHECKING:
    from litopys.note.policies import Policy

ReceiptFile = Annotated[Path, typer.Argument(help="A receipt (.tlog-proof).")]

_NOT_CHECKED = [
    "the sector's own signature and the rules: every validator that cosigned has checked both",
    "whether later events of the stream correct or annul this one",
]


def verify(receipt: ReceiptFile, policy: PolicyFile = None, *, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Verify a receipt offline. Nothing leaves this machine.

    Example: litopys verify 46.tlog-proof --policy policy
    """
    verified, trusted = _verified(receipt, policy, as_json=as_json, quiet=quiet)
    if as_json:
        found = verdicts.receipt_value(verified, trusted)
        print_json({"verdict": verdicts.VALID, **found, "not_checked": _NOT_CHECKED})
        return
    checked = [] if quiet else verdicts.receipt_checks(verified, trusted)
    unchecked = [] if quiet else _NOT_CHECKED
    about = verdicts.address_of(verified)
    if isinstance(verified.content, Event):
        about = f"{about}  {verified.content.name}, recorded {verified.content.time}"
    print_result(verdicts.format_verdict(verdicts.VALID, about, checked=checked, unchecked=unchecked))


def disclose(
    receipt: ReceiptFile,
    disclosure: Annotated[str, typer.Argument(help="The disclosure, or a file that holds it alone.")],
    policy: PolicyFile = None,
    *,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Verify that one field of one event has one value, and nothing else: a receipt with a disclosure.

    Example: litopys disclose 46.tlog-proof owner.disclosure --policy policy
    """
    verified, trusted = _verified(receipt, policy, as_json=as_json, quiet=quiet)
    content = verified.content
    about = verdicts.address_of(verified)
    try:
        shown = verify_disclosure(_disclosure(disclosure), content.data if isinstance(content, Event) else {})
    except (Malformed, VerificationFailed) as error:
        _tell_failure(about, str(error), as_json=as_json)
    value = json.dumps(shown.value, ensure_ascii=False)
    if as_json:
        found = verdicts.receipt_value(verified, trusted)
        print_json({"verdict": verdicts.VALID, "field": shown.name, "value": shown.value, **found})
        return
    checked = [f"the event holds the digest of {shown.name} = {value}", *verdicts.receipt_checks(verified, trusted)]
    unchecked = ["any other field of the event", *_NOT_CHECKED]
    heading = f"{about}  {shown.name} = {value}"
    shown_checks = ([], []) if quiet else (checked, unchecked)
    print_result(verdicts.format_verdict(verdicts.VALID, heading, checked=shown_checks[0], unchecked=shown_checks[1]))


def origin_of(receipt: bytes) -> str:
    """Return the origin that a receipt claims; raises Malformed."""
    return parse_checkpoint(parse_note(parse_receipt(receipt).checkpoint).text).origin


def _verified(path: Path, given: Path | None, *, as_json: bool, quiet: bool) -> tuple[VerifiedReceipt, Policy]:
    """Verify the receipt in a file, or end with the verdict that it is not valid or cannot be checked."""
    data = read_bytes(path)
    try:
        policy = policy_for(origin_of(data), given)
        return verify_receipt(data, policy), policy
    except NoPolicy as error:
        if as_json:
            print_json({"verdict": verdicts.UNKNOWN, "reason": str(error)})
        elif not quiet:
            print_result(verdicts.format_verdict(verdicts.UNKNOWN, str(path), checked=[], unchecked=["anything"]))
        end(ExitCode.INCONCLUSIVE, str(error))
    except (Malformed, VerificationFailed) as error:
        _tell_failure(str(path), str(error), as_json=as_json)


def _tell_failure(about: str, reason: str, *, as_json: bool) -> NoReturn:
    if as_json:
        print_json({"verdict": verdicts.NOT_VALID, "reason": reason})
    else:
        print_result(verdicts.format_verdict(verdicts.NOT_VALID, f"{about}: {reason}", checked=[], unchecked=[]))
    end(ExitCode.FAILED)


def _disclosure(given: str) -> str:
    path = Path(given)
    try:
        is_file = path.is_file()
    except OSError:  # a disclosure may be longer than any file name
        is_file = False
    text = read_text(path).strip() if is_file else given
    if not text.isascii():
        raise WrongUse("a disclosure is ASCII")
    return text
