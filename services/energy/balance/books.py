"""All books of the sector, and what must hold between them: nothing is certified, held or redeemed out of nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from litopys.event.cloudevents import Event
from services.energy.balance.account import WH_PER_MWH, AccountBook, Certified
from services.energy.balance.batch import BatchBook


class Finding(NamedTuple):
    """Something that does not add up, and where."""

    subject: str
    what: str


class Totals(NamedTuple):
    """The sums of the whole ledger, in Wh and MWh as the names say.

    `carried_in_wh` came from before the ledger began; `remainder_wh` is what is certified by nobody yet. `waiting_mwh`
    is certified and on its way into a guarantee, or out of a split.
    """

    accounts: int
    hours: int
    fed_wh: int
    drawn_wh: int
    counted_wh: int
    carried_in_wh: int
    remainder_wh: int
    certified_mwh: int
    withdrawn_mwh: int
    live_mwh: int
    redeemed_mwh: int
    expired_mwh: int
    waiting_mwh: int


@dataclass(slots=True)
class Books:
    """The books of a ledger; take in all events, then ask."""

    accounts: dict[str, AccountBook] = field(default_factory=dict)
    batches: dict[str, BatchBook] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        """Take in the ledger's next event; streams of other kinds are passed over."""
        if event.aggregate == "generation_account":
            self.accounts.setdefault(event.subject, AccountBook(event.subject)).take(event)
        elif event.aggregate == "guarantee_of_origin":
            self.batches.setdefault(event.subject, BatchBook(event.subject)).take(event)

    def findings(self) -> Iterator[Finding]:
        """Yield everything that does not add up."""
        for account in self.accounts.values():
            yield from (Finding(account.subject, what) for what in (*account.wrong, *self._of_account(account)))
        for batch in self.batches.values():
            yield from (Finding(batch.subject, what) for what in (*batch.wrong, *self._of_batch(batch)))
        yield from self._units()
        totals = self.totals()
        issued = totals.certified_mwh * WH_PER_MWH
        if totals.counted_wh + totals.carried_in_wh != issued + totals.remainder_wh:
            yield Finding("the ledger", "metered and carried in is not certified and left over")

    def totals(self) -> Totals:
        """Add everything up."""
        accounts = self.accounts.values()
        became = self._became()
        return Totals(
            accounts=len(accounts),
            hours=sum(len(one.hours) for one in accounts),
            fed_wh=sum(one.fed_wh for one in accounts),
            drawn_wh=sum(one.drawn_wh for one in accounts),
            counted_wh=sum(one.counted_wh for one in accounts),
            carried_in_wh=sum(one.carried_in_wh or 0 for one in accounts if self._before(one) is None),
            remainder_wh=sum(one.remainder_wh + self._not_taken_in(one) for one in accounts),
            certified_mwh=sum(one.certified_mwh for one in accounts),
            withdrawn_mwh=sum(one.issued - one.certified_mwh for one in accounts),
            live_mwh=became["live"],
            redeemed_mwh=became["redeemed"],
            expired_mwh=became["expired"],
            waiting_mwh=sum(one.certified_mwh for one in accounts)
            - became["live"]
            - became["redeemed"]
            - became["expired"],
        )

    def _of_account(self, account: AccountBook) -> Iterator[str]:
        if account.remainder_wh < 0 and (account.certified_mwh or account.settled):
            yield f"a deficit of {-account.remainder_wh} Wh"
        before = self._before(account)
        carried_on = before.settled.carried_wh if before is not None and before.settled is not None else None
        if before is not None and account.carried_in_wh is not None and account.carried_in_wh != (carried_on or 0):
            yield f"{account.carried_in_wh} Wh carried in, {carried_on} carried on by the month before"
        if before is not None and before.settled is not None and 0 < account.carried_from < before.settled.version:
            yield "it cites the month before at a time when that was not closed"
        for certificate in account.certificates.values():
            batch = self.batches.get(_batch(account.subject, certificate.first, certificate.last))
            used = certificate.number not in account.unused and certificate.number > 0
            if used and batch is None and not _is_withdrawn(account, certificate):
                yield f"certificate {certificate.number} is used up, and there is no guarantee of its units"

    def _of_batch(self, batch: BatchBook) -> Iterator[str]:
        if batch.begun is None:
            return
        if batch.begun.parent is not None:
            yield from self._of_part(batch, self.batches.get(batch.begun.parent))
            return
        account = self.accounts.get(batch.account)
        certificate = None if account is None else account.certificates.get(batch.begun.certificate or 0)
        if certificate is None or certificate[1:] != (batch.first, batch.last, batch.begun.cited):
            yield "the certificate that it cites is not of these units"

    def _of_part(self, batch: BatchBook, parent: BatchBook | None) -> Iterator[str]:
        if parent is None or (batch.first, batch.last) not in parent.parts or parent.split_at != batch.begun_at:
            yield "the split that it cites has no such part"
        elif (parent.origin, parent.holder) != (batch.origin, batch.first_holder):
            yield "its origin or holder is not that of the batch that was split"

    def _units(self) -> Iterator[Finding]:
        """Look at every unit of an account: it stands in one batch that was not split, and was certified."""
        leaves: dict[str, list[BatchBook]] = defaultdict(list)
        for batch in self.batches.values():
            if batch.ended_by != "split":
                leaves[batch.account].append(batch)
        for subject, batches in leaves.items():
            account = self.accounts.get(subject, AccountBook(subject))
            last = 0
            for batch in sorted(batches, key=lambda one: one.first):
                if batch.first <= last:
                    yield Finding(batch.subject, "some of its units stand in another batch too")
                last = max(last, batch.last)
                if batch.last > account.issued:
                    yield Finding(batch.subject, "its units were never certified")
                taken_back = any(a <= batch.first and batch.last <= b for a, b in _joined(account.withdrawn))
                if taken_back and batch.ended_by != "withdrawn":
                    yield Finding(batch.subject, "its units are taken back, and it is not withdrawn")

    def _became(self) -> Counter[str]:
        became: Counter[str] = Counter()
        for batch in self.batches.values():
            became[batch.ended_by or "live"] += batch.mwh
        return became

    def _before(self, account: AccountBook) -> AccountBook | None:
        return self.accounts.get(_month_before(account.subject))

    def _not_taken_in(self, account: AccountBook) -> int:
        """Give what an account carried on and the month after has not taken in."""
        after = self.accounts.get(_month_after(account.subject))
        is_taken = after is not None and after.carried_in_wh is not None
        return 0 if account.settled is None or is_taken else account.settled.carried_wh


def _batch(account: str, first: int, last: int) -> str:
    return f"guarantee_of_origin:{account.partition(':')[2]}:{first}-{last}"


def _is_withdrawn(account: AccountBook, certificate: Certified) -> bool:
    return any(a <= certificate.first and certificate.last <= b for a, b in _joined(account.withdrawn))


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and joined[-1][1] + 1 == first:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined


def _month_before(subject: str) -> str:
    year, month = int(subject[-7:-3]), int(subject[-2:])
    return f"{subject[:-7]}{year - (month == 1):04}-{12 if month == 1 else month - 1:02}"


def _month_after(subject: str) -> str:
    year, month = int(subject[-7:-3]), int(subject[-2:])
    return f"{subject[:-7]}{year + (month == 12):04}-{month % 12 + 1:02}"
