"""`python -m services.energy.balance`: add the ledger of energy up, from any validator, and say what does not fit."""

import argparse
import json
import sys
from pathlib import Path

import httpx2

from litopys.errors import LitopysError, Unavailable
from litopys.note.policies import Policy, parse_policy
from services.energy.balance.books import Books, Finding, Totals
from services.energy.balance.entries import final_events

_TIMEOUT_S = 30.0
_PRINTED = 100
_FAILED, _UNREADABLE = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run the check; answers 0 where everything adds up, 1 where not, 2 where the ledger cannot be read or verified."""
    parser = argparse.ArgumentParser(prog="python -m services.energy.balance", description=__doc__)
    parser.add_argument("--url", required=True, help="any validator, such as http://localhost:8101")
    parser.add_argument("--policy", required=True, type=Path, help="the policy file: whose signatures count")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(arguments)
    try:
        books = read_books(given.url, parse_policy(given.policy.read_text()))
    except (LitopysError, OSError) as error:
        sys.stderr.write(f"balance: {error}\n")
        return _UNREADABLE
    findings, totals = list(books.findings()), books.totals()
    told = _as_json(totals, findings) if given.json else _as_text(totals, findings)
    sys.stdout.write(told)
    return _FAILED if findings else 0


def read_books(url: str, policy: Policy) -> Books:
    """Read a ledger from a validator into books. Raises Unavailable, Malformed, VerificationFailed."""
    books = Books()
    with httpx2.Client(base_url=url, timeout=_TIMEOUT_S, follow_redirects=False) as client:

        def fetch(path: str) -> bytes:
            try:
                answer = client.get(path)
            except httpx2.HTTPError as error:
                raise Unavailable(f"{url}{path}: {error}") from error
            if answer.status_code != httpx2.codes.OK:
                raise Unavailable(f"{url}{path}: status {answer.status_code}")
            return answer.content

        for event in final_events(fetch, policy):
            books.take(event)
    return books


def _as_json(totals: Totals, findings: list[Finding]) -> str:
    return json.dumps({**totals._asdict(), "findings": [one._asdict() for one in findings]}, ensure_ascii=False) + "\n"


def _as_text(totals: Totals, findings: list[Finding]) -> str:
    lines = [f"{name.replace('_', ' '):>16}  {value:>22,}" for name, value in totals._asdict().items()]
    lines += [f"{one.subject}: {one.what}" for one in findings[:_PRINTED]]
    if len(findings) > _PRINTED:
        lines.append(f"and {len(findings) - _PRINTED:,} more; --json lists them all")
    lines.append("NOT BALANCED" if findings else "balanced: counted + carried in = certified + remainder, to the Wh")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
