"""What becomes of a batch: its holder splits it, redeems a part, sells another; the rest is kept until it expires."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from services.energy.issuing.months import BASIS, BATCHES, day_after
from services.energy.issuing.service import EnergyService, Seen

LEAST_MWH: Final = 10
_SPLIT_AFTER: Final = timedelta(days=30)
_SOLD_AFTER: Final = timedelta(days=40)
_REDEEMED_AFTER: Final = timedelta(days=60)
_BENEFICIARY: Final = {"kind": "legal", "name": "ТОВ «Зразковий завод»", "code": "99000015", "country": "UA"}
_LAW: Final = {"kind": "law", "document": "строк дії гарантії походження"}
_CARRIED_OVER: Final = ("produced_from", "produced_to", "technology", "holder", "transfer_until", "expires")


@dataclass(frozen=True, slots=True)
class Life:
    """Leads batches through a life; `trader` buys the second part of each."""

    service: EnergyService
    trader: str

    def lead(self, key: str) -> None:
        """Split a batch in three and lead each part to its end; a small one is redeemed whole. Raises Refused."""
        batch = self._read(key)
        if batch.state["ended_by"] is None and _mwh(batch) < LEAST_MWH:
            self._redeem(key, batch)
        elif batch.state["ended_by"] is None:
            shares = [_mwh(batch) // 2, _mwh(batch) * 3 // 10]
            mwh = [*shares, _mwh(batch) - sum(shares)]
            self._command(key, "split", {**_by(batch), "mwh": mwh, **_on(batch, _SPLIT_AFTER)}, batch)
        batch = self._read(key)
        if batch.state["ended_by"] == "split":
            parts = self._parts(key, batch)
            for part, lead in zip(parts, (self._redeem, self._sell, self._keep), strict=True):
                lead(part, self._read(part))

    def _parts(self, key: str, batch: Seen) -> list[str]:
        """Let the parts of a split begin, those that have not; answers their keys."""
        version, said = next(
            (version, event["data"])
            for version, event in self.service.history(BATCHES, key)
            if ".split." in event["type"]
        )
        account = key.rpartition(":")[0]
        keys = [f"{account}:{part['first']}-{part['last']}" for part in said["parts"]]
        for part in keys:
            if self.service.read(BATCHES, part) is None:
                origin = {name: batch.state[name] for name in _CARRIED_OVER}
                parent = {"parent": f"guarantee_of_origin:{key}", "split_at": version}
                body = {**parent, **origin, **_on(batch, _SPLIT_AFTER), "basis": BASIS}
                self.service.command(f"{BATCHES}/{part}/separate", body)
        return keys

    def _redeem(self, key: str, batch: Seen) -> None:
        if batch.state["ended_by"] is None:
            body = {**_by(batch), "beneficiary": _BENEFICIARY, **_on(batch, _REDEEMED_AFTER)}
            self._command(key, "redeem", body, batch)

    def _sell(self, key: str, batch: Seen) -> None:
        if batch.state["holder"] != self.trader:
            body = {**_by(batch), "to": self.trader, **_on(batch, _SOLD_AFTER)}
            self._command(key, "transfer", body, batch)
        self._redeem(key, self._read(key))

    def _keep(self, key: str, batch: Seen) -> None:
        is_over = datetime.fromisoformat(batch.state["expires"]) < datetime.now(UTC)
        if is_over and batch.state["ended_by"] is None:
            self.service.command(f"{BATCHES}/{key}/expire", {"basis": _LAW}, version=batch.version)

    def _command(self, key: str, name: str, body: dict[str, Any], batch: Seen) -> None:
        self.service.command(f"{BATCHES}/{key}/{name}", {**body, "basis": BASIS}, version=batch.version)

    def _read(self, key: str) -> Seen:
        batch = self.service.read(BATCHES, key)
        if batch is None:
            raise LookupError(f"{key} does not stand")
        return batch


def _mwh(batch: Seen) -> int:
    count: int = batch.state["last"] - batch.state["first"] + 1
    return count


def _by(batch: Seen) -> dict[str, str]:
    return {"holder": batch.state["holder"]}


def _on(batch: Seen, span: timedelta) -> dict[str, str]:
    return {"valid_from": day_after(batch.state["produced_to"], span)}
