"""A plant's months, one after another: carried in, certified, used up by guarantees, closed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from services.energy.issuing.service import EnergyService, Refused, Seen

ACCOUNTS: Final = "generation-accounts"
BATCHES: Final = "guarantees-of-origin"
BASIS: Final = {"kind": "registrar", "document": "дані комерційного обліку за місяць"}
_SETTLED_AFTER: Final = timedelta(days=10)


class Closed(NamedTuple):
    """A closed month: a version of its account at which that holds, and what it carried on."""

    version: int
    carried_wh: int


@dataclass(frozen=True, slots=True)
class Issuing:
    """Certifies months through the sector's commands."""

    service: EnergyService

    def settle(self, plant: str, month: str, before: Closed | None) -> tuple[Closed, list[str]] | None:
        """Bring a month to its end; answers its closing and the keys of its batches, None where it has no account.

        `before` is the closing of the month before, None for the first. Raises Refused where a rule says no.
        """
        key = f"{plant}:{month}"
        account = self.service.read(ACCOUNTS, key)
        if account is None:
            return None
        if account.state["carried_in_wh"] is None:
            account = self._carry_in(key, account, before)
        if account.state["closing"] is None:
            account = self._certify(key, account)
        for certificate in account.state["certificates"]:
            account = self._use(key, account, certificate)
        if account.state["closing"] is None:
            self._command(key, "close", {"valid_from": settled_on(account.state["valid_to"])}, account)
            account = self._read(key)
        closed = Closed(account.version, account.state["closing"]["carried_wh"])
        return closed, self._batches(key)

    def _carry_in(self, key: str, account: Seen, before: Closed | None) -> Seen:
        body: dict[str, Any] = {"carried_in_wh": 0 if before is None else before.carried_wh}
        if before is not None:
            body["closed_at"] = before.version
        return self._command(key, "carry-remainder", body, account)

    def _certify(self, key: str, account: Seen) -> Seen:
        try:
            body = {"valid_from": settled_on(account.state["valid_to"])}
            return self._command(key, "issue-certificate", body, account)
        except Refused as refusal:
            if refusal.code != "nothing-to-certify":
                raise
            return account

    def _use(self, key: str, account: Seen, certificate: dict[str, int]) -> Seen:
        """Let the guarantee of a certificate begin, and enter that it stands."""
        units = f"{certificate['first']}-{certificate['last']}"
        on = settled_on(account.state["valid_to"])
        if self.service.read(BATCHES, f"{key}:{units}") is None:
            state = account.state
            origin = {"produced_from": state["valid_from"], "produced_to": state["valid_to"]}
            of_account = {name: state[name] for name in ("technology", "holder")}
            cited = {"certificate": certificate["number"], "certified_at": self._issued_at(key, certificate["number"])}
            body = {**cited, **origin, **of_account, "valid_from": on, "basis": BASIS}
            self.service.command(f"{BATCHES}/{key}:{units}/issue", body)
        return self._command(key, "use-certificate", {"number": certificate["number"], "valid_from": on}, account)

    def _issued_at(self, key: str, number: int) -> int:
        return next(version for version, certificate in self._certificates(key) if certificate["number"] == number)

    def _batches(self, key: str) -> list[str]:
        return [f"{key}:{one['first']}-{one['last']}" for _, one in self._certificates(key)]

    def _certificates(self, key: str) -> list[tuple[int, dict[str, int]]]:
        events = self.service.history(ACCOUNTS, key)
        return [(version, event["data"]) for version, event in events if ".certificate_issued." in event["type"]]

    def _command(self, key: str, name: str, body: dict[str, Any], account: Seen) -> Seen:
        self.service.command(f"{ACCOUNTS}/{key}/{name}", {**body, "basis": BASIS}, version=account.version)
        return self._read(key)

    def _read(self, key: str) -> Seen:
        account = self.service.read(ACCOUNTS, key)
        if account is None:
            raise LookupError(f"{key} is gone")
        return account


def settled_on(month_end: str) -> str:
    """Give the day on which a month is settled."""
    return day_after(month_end, _SETTLED_AFTER)


def day_after(instant: str, span: timedelta) -> str:
    """Give the UTC day of some time after an instant."""
    return (datetime.fromisoformat(instant) + span).date().isoformat()


def months_between(first: str, last: str) -> list[str]:
    """List months `YYYY-MM`, both ends included."""
    begin, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    return [f"{count // 12:04}-{count % 12 + 1:02}" for count in range(begin, end + 1)]
