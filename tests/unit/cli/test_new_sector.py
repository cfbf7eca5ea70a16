"""What of laying out a sector needs no checkout; the whole is tried in tests/contracts/test_template.py."""

import pytest

from litopys.cli.registering import next_port, overlays, with_line, with_service, without_line, without_service
from litopys.cli.template import Names, compose_service, filled
from tests.house.tree import ROOT

NAMES = Names("archives", "case_file", "case-files", "Archives")
COMPOSE = (ROOT / "docker-compose.yml").read_text()


@pytest.mark.parametrize("command", ["new-sector", "remove-sector"])
def test_it_says_that_it_needs_a_checkout(run, command):
    ran = run(command, "archives")
    assert ran.code == 2
    assert "checkout" in ran.err


@pytest.mark.parametrize("name", ["Archives", "9lives", "with-dash", "class", "a" * 25, "registers", "sealer", ""])
def test_names_that_could_not_be_used_are_refused(run, monkeypatch, name):
    monkeypatch.chdir(ROOT)
    ran = run("new-sector", name)
    assert ran.code == 2
    assert not (ROOT / "services" / (name or "none") / "searches.py").exists() or name == "registers"


@pytest.mark.parametrize(
    "options",
    [("--stream", "land_parcel"), ("--stream", "Case"), ("--plural", "case_files"), ("--title", 'Say "archives"')],
)
def test_a_stream_has_a_name_of_its_own(run, monkeypatch, options):
    monkeypatch.chdir(ROOT)
    assert run("new-sector", "archives_of_nobody", *options).code == 2
    assert not (ROOT / "services" / "archives_of_nobody").exists()


def test_what_is_no_sector_is_not_removed(run, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert run("remove-sector", "sealer").code == 2
    assert (ROOT / "services" / "sealer" / "main.py").exists()


def test_a_service_is_listed_and_taken_off_the_list():
    port = next_port(COMPOSE)
    assert f":{port}:" not in COMPOSE
    listed = with_service(COMPOSE, compose_service(NAMES, port))
    assert f'ports: ["127.0.0.1:{port}:8080"]' in listed
    assert next_port(listed) == port + 1
    assert without_service(listed, "archives") == COMPOSE
    assert without_service(COMPOSE, "archives") == COMPOSE
    with pytest.raises(ValueError, match="no line"):
        with_service("services:\n", "")


def test_an_overlay_lists_a_sector_once_in_its_place():
    found = overlays(ROOT)
    assert [path.parent.name for path in found] == ["dev", "lab", "prod"]
    for overlay in (path.read_text() for path in found):
        listed = with_line(overlay, "archives")
        assert listed.replace("  - ../../sectors/archives\n", "") == overlay
        assert listed.index("sectors/archives\n") < listed.index("sectors/energy\n")
        assert with_line(overlay, "public-health").index("sectors/energy\n") < with_line(
            overlay, "public-health"
        ).index("sectors/public-health\n")
        assert with_line(listed, "archives") == listed
        assert without_line(listed, "archives") == overlay


def test_a_word_that_nobody_gave_is_an_error():
    assert filled("a {{b}} {c}", {"b": "d"}) == "a d {c}"
    with pytest.raises(KeyError):
        filled("{{e}}", {})
