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

import asyncpg

from deploy.local.clerk import Clerk, Title
from deploy.local.demo_energy import EnergyDemo
from deploy.local.layout import Plan, url
from deploy.local.members import ROOT
from deploy.local.network import LocalNetwork
from deploy.local.show import Show, resident_mb
from litopys.ledger.receipts import parse_receipt

ROWS = 20_000
SEED = 7
EVENTS_PER_ROW = 1.25  # most parcels come with their title alone, some with a life that follows
FAILED = 1  # exit code of `litopys verify` and `litopys audit` where something does not hold
FORGED_VALIDATOR = "lviv"
CHANGE_NUMBER = "2026-1"
# Real exports of the State Land Cadastre are imported too where they lie beside the checkout.
REAL_PARCELS = ("land_parcels_*.geojson",)
REAL_FOLDERS = (ROOT / "data" / "registers", ROOT.parent / "shared" / "data" / "registers")

_CHANGE_ENTRY = (
    "update entry set body = convert_to(replace(convert_from(body, 'UTF8'), $1, $2), 'UTF8') where index = $3"
)
_CHANGE_STATE = (
    "update stream set state = convert_to(replace(convert_from(state, 'UTF8'), $1, $2), 'UTF8') where subject = $3"
)


class DemoFailed(RuntimeError):
    """The ledger did not do what the step shows."""


class Demo:
    """The steps, in order; each leaves behind what the next one needs."""

    def __init__(self, folder: Path, *, rows: int) -> None:
        self.show = Show()
        self.folder = folder
        self.rows = rows
        self.network = LocalNetwork(folder, Plan(is_brief=True))
        self.receipt = folder / "title.tlog-proof"
        self.clerk = Clerk(url(self.network.ports.sectors["registers"]), self.network.layout.token_signing_file)

    def run(self) -> None:
        """Show everything. Raises DemoFailed at the first step that shows something else."""
        self._start()
        self._import()
        title = self._transfer()
        self._verify(title)
        self._divide()
        EnergyDemo(self.show, self.network, self._litopys, self._python).run()
        self._audit()
        self._forge_database(title)
        self._forge_receipt()

    def _start(self) -> None:
        with self.show.step("A network starts: one Kafka, one Postgres, two sealers, four validators, two sectors"):
            self.network.up()

    def _import(self) -> None:
        sample = self.folder / "sample.geojson"
        with self.show.step(f"An existing register moves in: {self.rows:,} parcels with titles, until all are final"):
            shape = (f"--rows={self.rows}", f"--seed={SEED}", f"--events-per-row={EVENTS_PER_ROW}")
            self._litopys("sample", "registers", *shape, f"--output={sample}")
            self._import_file(sample)
        for export in _real_exports():
            with self.show.step(f"A real export of the State Land Cadastre moves in beside it: {export.name}"):
                self._import_file(export)

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
                receipt = self.folder / f"{subject.replace(':', '_')}@{version}.tlog-proof"
                receipt.write_bytes(self.clerk.receipt(subject, version))
                self._litopys("verify", str(receipt), f"--policy={self.network.layout.policy_file}", lines=1)

    def _audit(self) -> None:
        with self.show.step(f"An auditor recomputes all that validator {FORGED_VALIDATOR} has stored, from raw bytes"):
            self._litopys("audit", *self._database)

    def _forge_database(self, title: Title) -> None:
        with self.show.step("Its administrator gives the parcel to somebody else in the database: the audit finds it"):
            asyncio.run(_change_owner(self.network.dsn(f"validator_{FORGED_VALIDATOR}"), title))
            self._litopys("audit", *self._database, expected=FAILED)

    def _forge_receipt(self) -> None:
        with self.show.step("One byte of the receipt is changed: it verifies no more"):
            forged = bytearray(self.receipt.read_bytes())
            forged[len(forged) // 2] ^= 1
            copy = self.receipt.with_name("forged.tlog-proof")
            copy.write_bytes(forged)
            self._litopys("verify", str(copy), f"--policy={self.network.layout.policy_file}", expected=FAILED)

    def _import_file(self, export: Path) -> None:
        report = self.folder / f"{export.stem}.report.tsv"
        people = ("--actor=migration-1", "--approver=registrar-23", "--authority=Держгеокадастр")
        where = (f"--state={self.network.layout.state_file}", f"--report={report}")
        self._litopys("import", "registers", str(export), *where, *people)

    @property
    def _database(self) -> tuple[str, ...]:
        dsn = self.network.dsn(f"validator_{FORGED_VALIDATOR}")
        return f"--database-url={dsn}", f"--network={self.network.layout.network_file}"

    def _python(self, module: str, *arguments: str) -> None:
        """Run a module of ours; what goes wrong is on the terminal."""
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        self.show.tell(done.stdout)
        if done.returncode:
            raise DemoFailed(f"`python -m {module}` ended with {done.returncode}")

    def _litopys(self, *arguments: str, expected: int = 0, lines: int | None = None) -> None:
        """Run the command line as anyone would; its progress goes straight to the terminal, its first `lines` too."""
        command = [sys.executable, "-m", "litopys.cli.main", *arguments]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        self.show.tell("\n".join(done.stdout.splitlines()[:lines]))
        found = (done.returncode, "NOT VALID" in done.stdout)
        if found != (expected, expected == FAILED):
            raise DemoFailed(f"`litopys {arguments[0]}` ended with {done.returncode}, not {expected}")


def _real_exports() -> Iterator[Path]:
    for folder in REAL_FOLDERS:
        for pattern in REAL_PARCELS:
            yield from sorted(folder.glob(pattern))


async def _change_owner(dsn: str, title: Title) -> None:
    """Change the owner's id wherever it stands, entry and state, as somebody would who wants no contradiction."""
    connection = await asyncpg.connect(dsn)
    thief = title.owner[::-1]
    try:
        async with connection.transaction():
            await connection.execute(_CHANGE_ENTRY, title.owner, thief, title.named_at)
            await connection.execute(_CHANGE_STATE, title.owner, thief, title.subject)
    finally:
        await connection.close()


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
    parser.add_argument("--keep", action="store_true", help="leave the network running")
    arguments = parser.parse_args()
    _begin_anew(arguments.folder)
    demo = Demo(arguments.folder, rows=arguments.rows)
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
