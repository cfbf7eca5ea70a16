"""`import` and `sample` as far as no database is needed."""

import pytest

from litopys.cli.importing import format_duration, format_progress
from litopys.postgres.sector_imports import Counts
from litopys.service.import_progress import Progress


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
