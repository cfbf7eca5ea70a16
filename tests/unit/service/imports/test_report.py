"""Where a report goes is looked at before anything is read."""

import os

import pytest

from litopys.service.imports.report import check_report
from litopys.service.imports.request import ImportRefused


@pytest.fixture
def export(tmp_path):
    path = tmp_path / "boxes.jsonl.new"
    path.write_bytes(b"{}\n")
    return path


def test_a_report_may_stand_beside_its_export_and_replace_an_older_one(tmp_path, export):
    report = tmp_path / "report.tsv"
    check_report(report, export)
    report.write_text("older")
    check_report(report, export)
    assert report.read_text() == "older"
    assert sorted(tmp_path.iterdir()) == [export, report]


@pytest.mark.parametrize(
    "name", ["none/report.tsv", "boxes.jsonl.new", "boxes.jsonl", ".", "link.tsv", "pipe", "x" * 300]
)
def test_a_report_that_could_not_be_written_or_would_cost_the_export_is_refused(tmp_path, export, name):
    (tmp_path / "link.tsv").symlink_to(export)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ImportRefused, match="report"):
        check_report(tmp_path / name, export)
    assert export.read_bytes() == b"{}\n"
    assert (tmp_path / "pipe").is_fifo()
