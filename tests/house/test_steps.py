"""Whatever is written durably is a named step of `litopys/steps.py`, and ARCHITECTURE.md tells of each step.

Exceptions stand here with their reasons; one that is none any more fails as well.
"""

import ast
import re
from collections import Counter

import pytest

from litopys.steps import Step
from tests.house.durable import CONNECTIONS, functions_in, unheld_writes
from tests.house.tree import ROOT, Source, functions, sources

MADE_OF_PARTS = "a statement made of constant parts; it begins with select"
# function -> why a statement that cannot be read off the source writes nothing
READING = {
    "litopys.audit.database._look_again": "asks once more what an audit asked; the whole audit is read-only",
    "litopys.audit.feeds.RowFeed.open": "reads what an audit names; the whole audit is read-only",
    "litopys.postgres.sector_search.search_streams": MADE_OF_PARTS,
}
SCRATCH = "an audit's scratch, deleted with the process that made it"
COMMAND = "a file that an operator asked for; the command says so, and is given again"
MIGRATION = "a migration: each in one transaction with its row in schema_migration; a grant said again is the same"
# function: what it writes -> why no step holds it
UNHELD = {
    "litopys.audit.loose.LooseReplay.__init__: file": SCRATCH,
    "litopys.audit.loose.LooseReplay.__init__: statement": SCRATCH,
    "litopys.audit.scratch.ScratchStreams.__init__: file": SCRATCH,
    "litopys.audit.scratch.ScratchStreams.__init__: statement": SCRATCH,
    "litopys.audit.scratch.ScratchStreams._read: unreadable": SCRATCH,
    "litopys.cli.fetching.receipt: file": COMMAND,
    "litopys.cli.files.put_whole: file": COMMAND,
    "litopys.cli.files.write_new: file": COMMAND,
    "litopys.cli.networks._write: file": COMMAND,
    "litopys.cli.new_sector.new_sector: file": COMMAND,
    "litopys.cli.new_sector.remove_sector: file": COMMAND,
    "litopys.cli.pins.pin: file": COMMAND,
    "litopys.cli.sampling._write: file": COMMAND,
    "litopys.kafka.producer._Line._produce: records": "the one producer; whoever calls Publisher.publish takes a step",
    "litopys.postgres.grants.bring_up_to_date: call": MIGRATION,
    "litopys.service.imports.report.check_report: file": "tries whether the report can be written, and leaves nothing",
    "services.documents.__main__.main: file": "writes the documents of this tree, run by a developer",
    "services.sealer.proposing.Proposer._propose: records": "a port, which takes the step SEALED",
    "services.sealer.signing.LogSigner.sign_newest: records": "a port, which takes the step COUNTERSIGNED",
}
PRODUCT = [one for source in sources() if not source.path.startswith("deploy/") for one in functions_in(source)]


def test_whatever_writes_durably_does_so_within_a_named_step():
    found = unheld_writes(PRODUCT, READING.keys())
    wrong = [f"{one.function.source.path}:{one.line} {one.place}" for one in found if one.place not in UNHELD]
    assert not wrong, "neither within a named step nor excepted:\n" + "\n".join(wrong)
    assert UNHELD.keys() == {one.place for one in found}, "an exception that is none any more"


def test_what_is_said_to_write_nothing_could_not_be_told_otherwise():
    unread = {one.function.name for one in unheld_writes([one for one in PRODUCT if one.name in READING])}
    given = {one.name for one in PRODUCT if one.name in READING and one.is_given_a_connection}
    assert unread | given == READING.keys()


def test_connections_go_by_the_names_by_which_statements_are_found():
    named = {
        f"{source.path}: {argument.arg}"
        for source in sources()
        for function in functions(source)
        for argument in (*function.args.args, *function.args.kwonlyargs)
        if argument.annotation is not None
        and {"Connection", "Pool"} & set(ast.unparse(argument.annotation).split(" | "))
        and argument.arg.lstrip("_") not in CONNECTIONS
    }
    assert not named


HELD_AND_NOT = [
    ("await connection.execute('insert into t values (1)')", ["statement"]),
    ("async with durable_step(pool, step, passing) as connection:\n    await connection.execute(_WRITE)", []),
    ("async with transaction(pool) as connection:\n    await connection.execute('delete from t')", ["statement"]),
    ("await pool.execute(_WRITE)", ["statement"]),
    ("await pool.fetch(_READ)", []),
    ("await pool.fetch(sql)", ["unreadable"]),
    ("await pool.fetch(_FORM.format(a='1'))", []),
    ("await pool.fetch(_FORM.format(a='(delete from t)'))", ["statement"]),
    ("await pool.fetch(_FORM.format(a=sql))", ["unreadable"]),
    ("await write(pool)", ["call"]),
    ("async with self.step(Step.A) as connection:\n    await write(connection)", []),
    ("async with pool.acquire() as connection:\n    await write(connection)", ["call"]),
    ("await self._store.keep(connection)", ["call"]),
    ("await connection.copy_records_to_table('t', records=[])", ["rows"]),
    ("await self._publisher.publish([])", ["records"]),
    ("with passed(step, passing):\n    await publisher.publish([])\nawait publisher.publish([])", ["records"]),
    ("with path.open('wb') as file:\n    file.write(b'')", ["file"]),
    ("with path.open('rb') as file:\n    file.read()", []),
    ("os.open(path, os.O_WRONLY | os.O_CREAT)", ["file"]),
    ("path.write_text('')", ["file"]),
]
MODULE = """
_WRITE = "update t set a = 1 where b = 2"
_READ = "select updated from t"
_FORM = "select {a} from t"

async def write(connection: Connection) -> None:
    await connection.execute(_WRITE)

class Store:
    async def keep(self, connection: Connection) -> None:
        await write(connection)

async def tried(pool):
"""


@pytest.mark.parametrize(("tried", "found"), HELD_AND_NOT, ids=[tried for tried, _ in HELD_AND_NOT])
def test_a_write_that_no_step_holds_is_found(tried, found):
    text = MODULE + "".join(f"    {line}\n" for line in tried.splitlines())
    writes = unheld_writes(functions_in(Source("m.py", "m", text, ast.parse(text))))
    assert [one.place for one in writes] == [f"m.tried: {what}" for what in found]


def test_every_step_is_taken_somewhere():
    taken = {name for source in sources() for name in re.findall(r"\bStep\.([A-Z_]+)\b", source.text)}
    assert taken >= {step.name for step in Step}


def test_every_step_is_cut_off_by_a_test():
    """All of a kind of process by `steps_of`, or one by one in a list of `moments`."""
    text = "\n".join(path.read_text() for path in (ROOT / "tests" / "integration").rglob("test_*.py"))
    kinds = set(re.findall(r"steps_of\(([A-Z]+)\)", text))
    single = {name for one in re.findall(r"moments\(\[([^]]*)\]\)", text) for name in re.findall(r"Step\.(\w+)", one)}
    assert {step.name for step in Step if step.process.upper() not in kinds} <= single


def test_the_architecture_tells_of_every_step_once():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    section = text.partition("## Where a process may be killed")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\w+) \| ([^|]+) \| [^|]+ \| [^|]+ \|$", section, re.MULTILINE)
    told = Counter((process, name) for process, steps in rows for name in re.findall(r"\b[A-Z][A-Z_]+\b", steps))
    assert told == Counter((step.process, step.name) for step in Step)
