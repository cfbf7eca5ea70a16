"""`import` and `sample` as far as no database is needed."""

import json
from pathlib import Path

import pytest

from deploy.local.members import ROOT
from litopys.cli.importing import format_duration, format_progress
from litopys.errors import Malformed, Unavailable
from litopys.postgres.sector_imports import Counts, RegisterTaken
from litopys.service.imports.progress import Progress
from litopys.service.imports.request import Imported, ImportRefused
from litopys.service.logs import get_log


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59.4, "59 s"), (60, "1 min 00 s"), (3_599, "59 min 59 s"), (7_500, "2 h 05 min")]
)
def test_durations(seconds, text):
    assert format_duration(seconds) == text


def test_progress_has_rate_and_remaining_time():
    counts = Counts(read=1_000, admitted=990, merged=7, refused=3, events=4_000)
    line = format_progress(Progress("reading", counts, 20_000, 0, 812.3, 23.4))
    assert line == "reading: 1,000 of 20,000 rows (990 admitted, 7 merged, 3 refused), 812/s, 23 s left"
    line = format_progress(Progress("reading", counts, None, 0, 812.3, None))
    assert line == "reading: 1,000 rows (990 admitted, 7 merged, 3 refused), 812/s"
    line = format_progress(Progress("sealing", counts, None, 3_000, 900.0, 3.3))
    assert line == "sealing: 3,000 events not final yet, 900/s, 3 s left"
    line = format_progress(Progress("sealing", counts, None, 3_000, 0.0, None, idle_s=95.0))
    assert line.startswith("sealing: 3,000 events not final yet, 0/s; none for 1 min 35 s: do the sector's relay")


def test_a_sample_is_the_same_for_the_same_seed(run, tmp_path):
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        assert run("sample", "registers", "--rows", 20, "--seed", seed, "-o", name).code == 0
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes() != (tmp_path / "three").read_bytes()


def test_samples_are_listed_and_named(run, tmp_path):
    listed = run("sample", "--list").out
    assert "registers titles" in listed
    assert run("sample", "registers", "--list").out in listed
    assert run("sample", "registers", "titles", "--rows", 5, "-o", "named").code == 0
    assert run("sample", "registers", "--rows", 5, "-o", "first").code == 0
    assert (tmp_path / "named").read_bytes() == (tmp_path / "first").read_bytes()
    assert "titles" in run("sample", "registers", "deeds").err
    assert run("sample").code == 2


def test_dirt_is_put_in_on_request(run, tmp_path):
    for name, dirt in (("clean", ()), ("dirty", ("--dirt",)), ("again", ("--dirt",))):
        assert run("sample", "registers", "--rows", 400, *dirt, "-o", name).code == 0
    assert (tmp_path / "dirty").read_bytes() == (tmp_path / "again").read_bytes() != (tmp_path / "clean").read_bytes()


def test_a_history_is_recognised_beside_a_sectors_own_exports(run, tmp_path):
    line = '{"source_key": "1", "aggregate": "land_parcel", "key": "5322081200:00:001:0001", "commands": []}'
    (tmp_path / "histories.jsonl").write_text(line)
    ran = run("import", "registers", "histories.jsonl", "--state", "none.json")
    assert "none.json" in ran.err
    assert "--importer" not in ran.err


def test_an_unknown_sector_is_told_with_those_there_are(run):
    ran = run("sample", "weather")
    assert ran.code == 2
    assert "registers" in ran.err


NETWORK = ROOT / "tests" / "vectors" / "litopys" / "network.json"
NOWHERE = "postgresql:///sector_registers?host=/nowhere"


@pytest.fixture
def export(run, tmp_path):
    """A small export in the present folder."""
    assert run("sample", "registers", "titles", "--rows", 3, "-o", "titles.geojson").code == 0
    return tmp_path / "titles.geojson"


@pytest.fixture
def imported(monkeypatch):
    """Lets `import` come to what a test says, or raise it."""

    def come_to(outcome):
        async def import_file(_sector, **_given):
            get_log("import").warning("something that somebody should know", sector="registers")
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setattr("litopys.service.imports.importing.import_file", import_file)

    return come_to


def outcome(**changes) -> Imported:
    given = {
        "import_id": "a" * 32,
        "counts": Counts(read=10, admitted=6, merged=3, refused=1, events=20, flagged=2),
        "rejected": 0,
        "vanished": 4,
        "is_closed": True,
        "rate": 123.456,
        "seconds": 61.0,
        "report": Path("titles.geojson.report.tsv"),
    }
    return Imported(**{**given, **changes})


def to_network(*more: str) -> tuple[str, ...]:
    return ("import", "registers", "titles.geojson", f"--network={NETWORK}", f"--database-url={NOWHERE}", *more)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "--network and --database-url"),
        ((f"--network={NETWORK}",), "--database-url"),
        ((f"--database-url={NOWHERE}",), "--network"),
    ],
)
def test_without_a_network_it_says_what_is_missing(run, export, options, told):
    ran = run("import", "registers", export.name, *options)
    assert ran.code == 2
    assert "var/litopys.json is not there" in ran.err
    assert f"or {told} says" in ran.err


def test_a_database_that_does_not_answer_is_named(run, export):
    ran = run(*to_network())
    assert ran.code == 3
    assert "the database of registers does not answer" in ran.err
    assert ran.out == ""


def test_the_result_is_counts_that_add_up_and_what_there_is_beside(run, export, imported):
    imported(outcome())
    ran = run(*to_network())
    assert ran.code == 0
    assert ran.out == (
        f"import {'a' * 32}: 6 admitted + 3 merged + 1 refused = 10 read; 20 events, 2 flagged, 4 vanished; "
        "123 rows/s, 1 min 01 s; all final\n"
    )
    imported(outcome(vanished=None))
    assert "2 flagged, not read to its end;" in run(*to_network()).out


def test_json_has_it_all(run, export, imported):
    imported(outcome())
    ran = run(*to_network("--json", "--quiet"))
    assert "somebody should know" in ran.err, "what is logged stands beside the result"
    assert json.loads(ran.out) == {
        "import": "a" * 32,
        "read": 10,
        "admitted": 6,
        "merged": 3,
        "refused": 1,
        "events": 20,
        "flagged": 2,
        "vanished": 4,
        "rejected": 0,
        "closed": True,
        "rate": 123.5,
        "seconds": 61.0,
        "report": "titles.geojson.report.tsv",
    }


@pytest.mark.parametrize(
    ("came_to", "code", "told"),
    [
        (outcome(rejected=2), 1, "the ledger rejected 2 events"),
        (outcome(is_closed=False), 0, "awaits a second person"),
        (ImportRefused("unfinished-import", "finish it first"), 2, "finish it first"),
        (RegisterTaken("Land"), 3, "another process is importing the register “Land”"),
        (Malformed("was changed"), 1, "was changed"),
        (Unavailable("postgres: gone"), 3, "postgres: gone"),
    ],
)
def test_exit_codes(run, export, imported, came_to, code, told):
    imported(came_to)
    ran = run(*to_network())
    assert ran.code == code
    assert told in ran.err


def test_a_file_that_nobody_recognises_is_wrong_use(run, tmp_path):
    (tmp_path / "file").write_text("what?")
    ran = run("import", "registers", "file")
    assert ran.code == 2
    assert "--importer" in ran.err
    ran = run("import", "registers", "file", "--importer", "nobody")
    assert ran.code == 2


@pytest.mark.parametrize(
    "command", ["keys", "network", "verify", "disclose", "event", "receipt", "import", "sample", "new-sector"]
)
def test_every_command_has_help_with_an_example(run, command):
    ran = run(command, "--help")
    assert ran.code == 0
    assert "Usage" in ran.out
    if command not in {"keys", "network"}:
        assert "Example: litopys" in " ".join(ran.out.split())
