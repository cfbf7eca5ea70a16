"""The demonstration's second sector: exports of energy move in, months are certified, a guarantee is redeemed."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.clerk import WAIT_S, Clerk
from deploy.local.layout import url
from deploy.local.members import ROOT
from deploy.local.network import LocalNetwork
from deploy.local.ports import wait_until
from deploy.local.show import Show

HOURS = 1_500  # of one plant: two months and a bit
LIVES = 400
SEED = 7
MONTHS = ("--first=2021-01", "--last=2021-02")
VALIDATOR = "odesa"
# Real exports are imported too where they lie beside the checkout; their plants are certified over their three years.
REAL_EXPORTS = ("yield_solar_UA.csv", "yield_wind_UA.csv", "DAM_UA.csv")
REAL_FOLDERS = (ROOT / "data" / "energy", ROOT.parent / "shared" / "data" / "energy")

Run = Callable[..., None]


@dataclass(frozen=True, slots=True)
class EnergyDemo:
    """Steps in order. `litopys(*arguments)` runs the command line, `python(module, *arguments)` a module of ours."""

    show: Show
    network: LocalNetwork
    litopys: Run
    python: Run

    def run(self) -> None:
        """Show everything; raises what the two callables raise where a step shows something else."""
        plant = self._import()
        real = tuple(_real_exports())
        for export in real:
            with self.show.step(f"A real export of the electricity market moves in beside them: {export.name}"):
                self._import_file(export)
        self._issue(plant, has_real=bool(real))
        self._redeemed(plant)
        self._balance()

    def _import(self) -> str:
        """Import both samples; answers the plant whose hours they hold."""
        hours, lives = (self.network.layout.folder / name for name in ("hours.csv", "lives.jsonl"))
        with self.show.step(
            f"A second sector: {HOURS:,} hours of output, and {LIVES:,} lives of certificates, move in"
        ):
            for name, rows, path in (("output", HOURS, hours), ("lives", LIVES, lives)):
                self.litopys("sample", "energy", name, f"--rows={rows}", f"--seed={SEED}", f"--output={path}")
                self._import_file(path)
        with hours.open(encoding="utf-8", newline="") as file:
            return next(csv.DictReader(file))["plant"]

    def _issue(self, plant: str, *, has_real: bool) -> None:
        with self.show.step("Whole MWh are certified month by month; guarantees are split, sold, redeemed, or expire"):
            where = (f"--url={self._url}", f"--token-key={self.network.layout.token_signing_file}")
            self.python("services.energy.issuing", *where, f"--plant={plant}", *MONTHS)
            if has_real:
                self.python("services.energy.issuing", *where)

    def _redeemed(self, plant: str) -> None:
        with self.show.step("A guarantee of origin that was redeemed has its receipt, and it verifies"):
            clerk = Clerk(self._url, self.network.layout.token_signing_file)
            found = clerk.ask(f"/v1/guarantees-of-origin?plant={plant}&standing=redeemed")["items"]
            subject, version = found[-1]["subject"], found[-1]["version"]
            event = f"/v1/events/{subject}/{version}"
            wait_until(lambda: _is_final(clerk.ask(event)), what="the redemption", timeout_s=WAIT_S)
            self.show.tell(f"{subject}, version {version}")
            receipt = self.network.layout.folder / "redeemed.tlog-proof"
            receipt.write_bytes(clerk.receipt(subject, version))
            self.litopys("verify", str(receipt), f"--policy={self.network.layout.policy_file}", lines=1)

    def _balance(self) -> None:
        with self.show.step("Somebody who reads nothing but the ledger adds it up: metered, certified, redeemed"):
            where = f"--url={url(self.network.ports.serve[VALIDATOR])}"
            self.python("services.energy.balance", where, f"--policy={self.network.layout.policy_file}")

    def _import_file(self, export: Path) -> None:
        report = self.network.layout.folder / f"{export.stem}.report.tsv"
        people = ("--actor=migration-2", "--approver=issuing-body-2", "--authority=Гарантований покупець")
        where = (f"--state={self.network.layout.state_file}", f"--report={report}")
        self.litopys("import", "energy", str(export), *where, *people)

    @property
    def _url(self) -> str:
        return url(self.network.ports.sectors["energy"])


def _is_final(status: dict[str, Any]) -> bool:
    return bool(status["status"] == "final")


def _real_exports() -> Iterator[Path]:
    for name in REAL_EXPORTS:
        found = [folder / name for folder in REAL_FOLDERS if (folder / name).exists()]
        yield from found[:1]
