"""`make demo`: the whole ledger at work in a network of its own, from nothing to forgeries that are found.

Every run begins with an empty folder under var/ and stops everything at its end; `--keep` leaves it running.
"""

import argparse
import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.clerk import WAIT_S, Clerk, Title
from deploy.local.databases import READER
from deploy.local.exports import SAMPLES, SampleShape, real_exports
from deploy.local.forgery import change_owner
from deploy.local.layout import Plan, url
from deploy.local.members import ROOT
from deploy.local.network import LocalNetwork
from deploy.local.ports import wait_until
from deploy.local.show import Show, resident_mb
from litopys.ledger.receipts import parse_receipt

ROWS = 20_000
SEED = 7
FAILED = 1  # exit code of `litopys verify` and `litopys audit` where something does not hold
FORGED_VALIDATOR = "lviv"
CHANGE_NUMBER = "2026-1"
ACCOUNTS, BATCHES = "/v1/generation-accounts", "/v1/guarantees-of-origin"


class DemoFailed(RuntimeError):
    """The ledger did not do what the step shows."""


class Demo:
    """The steps, in order; each leaves behind what the next one needs."""

    def __init__(self, folder: Path, *, rows: int, with_real: bool) -> None:
        self.show = Show()
        self.folder = folder
        self.rows = rows
        self.with_real = with_real
        self.network = LocalNetwork(folder, Plan(is_brief=True))
        self.receipt = folder / "title.tlog-proof"
        self.clerk = self._clerk("registers")
        self.issuer = self._clerk("energy")

    def run(self) -> None:
        """Show everything. Raises DemoFailed at the first step that shows something else."""
        self._start()
        self._import()
        title = self._transfer()
        self._verify(title)
        self._divide()
        self._redeem()
        self._audit()
        self._forge_database(title)
        self._forge_receipt()

    def _start(self) -> None:
        sectors = ", ".join(self.network.ports.sectors)
        with self.show.step(f"A network starts: Kafka, Postgres, two sealers, four validators; sectors: {sectors}"):
            self.network.up()

    def _import(self) -> None:
        for shape in SAMPLES:
            rows = max(10, round(self.rows * shape.part))
            with self.show.step(f"A register moves in, until final: {shape.sector}, {rows:,} rows of {shape.name}"):
                self._import_file(shape.sector, self._sample(shape, rows), part="sample")
        for export in real_exports() if self.with_real else ():
            with self.show.step(f"A real export moves in beside it: {export.sector}, {export.path.name}"):
                self._import_file(export.sector, export.path, part=export.path.stem)

    def _sample(self, shape: SampleShape, rows: int) -> Path:
        file = self.folder / shape.file
        size = (f"--rows={rows}", f"--seed={SEED}", f"--events-per-row={shape.events_per_row}")
        self._litopys("sample", shape.sector, shape.name, *size, f"--output={file}")
        return file

    def _transfer(self) -> Title:
        with self.show.step("A land title passes on: one registrar proposes, another approves; final in seconds"):
            title = self.clerk.transfer()
            self.show.tell(f"{title.subject}, version {title.version}: final as entry {title.approved_at}")
            self.receipt.write_bytes(self.clerk.receipt(title.subject, title.version))
        return title

    def _verify(self, title: Title) -> None:
        with self.show.step(f"Whoever holds the receipt ({self.receipt.stat().st_size:,} bytes) verifies it offline"):
            self._litopys("verify", str(self.receipt), f"--policy={self.network.layout.policy_file}")
            if title.subject.encode() not in parse_receipt(self.receipt.read_bytes()).entry:
                raise DemoFailed("the receipt is not about this parcel")

    def _divide(self) -> None:
        with self.show.step("A parcel is divided in three: two registrars agree, the parcels follow; all verifies"):
            division = self.clerk.divide(CHANGE_NUMBER)
            self.show.tell(f"{division.parent[0]} became {', '.join(child for child, _ in division.children)}")
            for subject, version in division.addresses:
                self._verify_receipt(self.clerk, subject, version)

    def _redeem(self) -> None:
        """Certify one month of a plant of the sample, lead its guarantees of origin on, and verify one redemption."""
        account = self.issuer.ask(f"{ACCOUNTS}?limit=1")["items"][0]["object"]
        plant, month = account["plant"], account["month"]
        with self.show.step(f"{month} of plant {plant} is certified; guarantees of origin are split, sold, redeemed"):
            months = (f"--plant={plant}", f"--first={month}", f"--last={month}")
            key = f"--token-key={self.network.layout.token_signing_file}"
            self._run("services.energy.issuing", f"--url={self.issuer.url}", key, *months)
            redeemed = self.issuer.ask(f"{BATCHES}?plant={plant}&standing=redeemed&limit=1")["items"][0]
            self._verify_receipt(self.issuer, redeemed["subject"], redeemed["version"])
        with self.show.step("Whoever wants to adds the ledger of energy up, from a validator alone, to the Wh"):
            validator = url(self.network.ports.serve[FORGED_VALIDATOR])
            policy = f"--policy={self.network.layout.policy_file}"
            self._run("services.energy.balance", f"--url={validator}", policy)

    def _verify_receipt(self, clerk: Clerk, subject: str, version: int) -> None:
        event = f"/v1/events/{subject}/{version}"
        wait_until(lambda: clerk.ask(event)["status"] == "final", what=subject, timeout_s=WAIT_S)
        receipt = self.folder / f"{subject.replace(':', '_')}@{version}.tlog-proof"
        receipt.write_bytes(clerk.receipt(subject, version))
        self._litopys("verify", str(receipt), f"--policy={self.network.layout.policy_file}", lines=1)

    def _audit(self) -> None:
        with self.show.step(f"An auditor recomputes all that validator {FORGED_VALIDATOR} has stored, from raw bytes"):
            self._litopys("audit", *self._database)

    def _forge_database(self, title: Title) -> None:
        with self.show.step("Its administrator gives the parcel to somebody else in the database: the audit finds it"):
            asyncio.run(change_owner(self.network.dsn(f"validator_{FORGED_VALIDATOR}"), title))
            self._litopys("audit", *self._database, expected=FAILED)

    def _forge_receipt(self) -> None:
        with self.show.step("One byte of the receipt is changed: it verifies no more"):
            forged = bytearray(self.receipt.read_bytes())
            forged[len(forged) // 2] ^= 1
            copy = self.receipt.with_name("forged.tlog-proof")
            copy.write_bytes(forged)
            self._litopys("verify", str(copy), f"--policy={self.network.layout.policy_file}", expected=FAILED)

    def _import_file(self, sector: str, export: Path, *, part: str) -> None:
        report = self.folder / f"{export.stem}.report.tsv"
        people = ("--actor=migration-1", "--approver=registrar-23", "--authority=держатель реєстру")
        where = (f"--state={self.network.layout.state_file}", f"--report={report}", f"--part={part}")
        self._litopys("import", sector, str(export), *where, *people)

    @property
    def _database(self) -> tuple[str, ...]:
        dsn = self.network.dsn_as(f"validator_{FORGED_VALIDATOR}", READER)
        return f"--database-url={dsn}", f"--network={self.network.layout.network_file}"

    def _clerk(self, sector: str) -> Clerk:
        return Clerk(url(self.network.ports.sectors[sector]), self.network.layout.token_signing_file)

    def _litopys(self, *arguments: str, expected: int = 0, lines: int | None = None) -> None:
        """Run the command line as anyone would."""
        said = self._run("litopys.cli.main", *arguments, expected=expected, lines=lines)
        if ("NOT VALID" in said) != (expected == FAILED):
            raise DemoFailed(f"`litopys {arguments[0]}` ended with {expected} and says something else")

    def _run(self, module: str, *arguments: str, expected: int = 0, lines: int | None = None) -> str:
        """Run a module as a command, and tell its first `lines`; its progress goes straight to the terminal."""
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        self.show.tell("\n".join(done.stdout.splitlines()[:lines]))
        if done.returncode != expected:
            raise DemoFailed(f"{module} {arguments[0]} ended with {done.returncode}, not {expected}")
        return done.stdout


@contextmanager
def _stopping(demo: Demo, *, keep: bool) -> Iterator[None]:
    """Stop the network however the demonstration ends."""
    try:
        yield
    finally:
        if not keep:
            demo.network.down()


def main() -> None:
    """Run the demonstration. Exit code 1 where it does not show what it should."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "demo")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--samples-only", action="store_true", help="leave the real exports out, if there are any")
    parser.add_argument("--keep", action="store_true", help="leave the network running")
    arguments = parser.parse_args()
    _begin_anew(arguments.folder)
    demo = Demo(arguments.folder, rows=arguments.rows, with_real=not arguments.samples_only)
    with _stopping(demo, keep=arguments.keep):
        try:
            demo.run()
        except DemoFailed as error:
            demo.show.fail(str(error))
            sys.exit(1)
        memory = resident_mb(demo.network.processes())
        used = ", ".join(f"{name} {megabytes}" for name, megabytes in memory.items())
        print(f"\nAll shown in {demo.show.elapsed_s:.0f} s. Memory in MB: {used}; together {sum(memory.values())}.")


def _begin_anew(folder: Path) -> None:
    """Stop what an interrupted run left behind and remove its data."""
    if folder.exists():
        LocalNetwork(folder).down()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
