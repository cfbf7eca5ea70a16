"""The dashboards as they are committed: current, the same in form, and asking for nothing that does not exist."""

import itertools
import json
import re

import pytest
import yaml

from deploy.grafana.__main__ import FOLDER, format_dashboards, stale_files
from tests.support.dashboards import asked_by_marks, asked_by_panels, load_dashboards, panels_of, selectors
from tests.support.metric_list import documented_metrics, series_names

# They are in people's bookmarks, on walls and in runbooks.
UIDS = {"litopys-overview", "litopys-finality", "litopys-sealer", "litopys-sector", "litopys-postgres", "litopys-slo"}
DASHBOARDS = load_dashboards()
EVERY = pytest.mark.parametrize("dashboard", DASHBOARDS.values(), ids=DASHBOARDS)
PANELS = [(one["title"], panel) for one in DASHBOARDS.values() for panel in panels_of(one)]
EVERY_PANEL = pytest.mark.parametrize("panel", [p for _, p in PANELS], ids=[f"{t}/{p['title']}" for t, p in PANELS])
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
FILLED = {"__rate_interval": "15s", "__range": "1h", "sector": "registers"}
# Of Prometheus and of its client for Python.
OTHERS = {"up", "ALERTS", "process_start_time_seconds", "process_cpu_seconds_total", "process_resident_memory_bytes"}
RULES = FOLDER.parents[1] / "prometheus" / "rules"
PROCESSES_OF = {
    "litopys-validator-check": {"check", "all"},
    "litopys-validator-serve": {"serve", "all"},
    "litopys-sealer": {"sealer", "all"},
    "litopys-sector": {"sector", "relay", "all"},
}
JUDGED = {"stat", "bargauge"}


def known_series():
    recorded = {name for path in RULES.glob("*.yml") for name in re.findall(r"- record: (\S+)", path.read_text())}
    return series_names(documented_metrics()) | recorded | OTHERS


def unknown_names(expression):
    return {selector.name for selector in selectors(expression)} - known_series()


def asked_in_vain(expression):
    """Metrics that are asked of a job none of whose processes sets them: they stand at 0 there, for ever."""
    documented = documented_metrics()
    found = []
    for selector in selectors(expression):
        jobs = {one.value for one in selector.matchers.matchers if one.name == "job" and one.value in PROCESSES_OF}
        name = re.sub(r"_(bucket|sum|count)$", "", selector.name)
        if name in documented and any(not PROCESSES_OF[job] & documented[name].processes for job in jobs):
            found.append(name)
    return found


def test_what_is_committed_is_what_the_code_makes():
    assert not stale_files(), "`make dashboards` writes them anew"


@pytest.mark.parametrize("change", ["altered", "removed", "left over"])
def test_a_file_that_the_code_does_not_make_is_found(tmp_path, change):
    for name, text in format_dashboards().items():
        (tmp_path / name).write_text(text)
    assert not stale_files(tmp_path)
    file = tmp_path / "litopys-slo.json"
    if change == "altered":
        file.write_text(file.read_text().replace('"refresh": "10s"', '"refresh": "5s"'))
    elif change == "removed":
        file.unlink()
    else:
        file = tmp_path / "litopys-old.json"
        file.write_text("{}")
    assert stale_files(tmp_path) == [file.name]


def test_each_has_the_uid_that_it_always_had():
    assert DASHBOARDS.keys() == UIDS
    assert {path.stem for path in FOLDER.glob("*.json")} == UIDS


@EVERY
def test_each_has_what_all_have(dashboard):
    variables = {one["name"]: one["type"] for one in dashboard["templating"]["list"]}
    assert variables["datasource"] == "datasource"
    assert dashboard["description"]
    assert not dashboard["editable"]
    assert [(link["type"], link["tags"]) for link in dashboard["links"]] == [("dashboards", ["litopys"])]
    assert dashboard["tags"] == ["litopys"]
    assert [mark["name"] for mark in dashboard["annotations"]["list"]] == ["Evidence", "Starts of processes"]
    assert all(mark["datasource"] == SOURCE for mark in dashboard["annotations"]["list"])


@EVERY
def test_panels_are_numbered_and_do_not_overlap(dashboard):
    numbers = [panel["id"] for panel in dashboard["panels"]]
    assert numbers == list(range(1, len(numbers) + 1))
    cells = [
        cell
        for panel in dashboard["panels"]
        for place in [panel["gridPos"]]
        for cell in itertools.product(
            range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
        )
    ]
    assert len(cells) == len(set(cells))
    assert all(x < 24 for x, _ in cells)


@EVERY_PANEL
def test_every_panel_says_what_it_shows(panel):
    assert panel["title"]
    assert len(panel["description"]) > 40
    assert panel["datasource"] == SOURCE
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["fieldConfig"]["defaults"]["noValue"] == "no data"
    assert all(target["legendFormat"] for target in panel["targets"])
    assert len(panel["targets"]) == 1 or all(target["legendFormat"] != "__auto" for target in panel["targets"])


@EVERY_PANEL
def test_what_is_judged_is_asked_for_this_moment(panel):
    """The last value of a process that has gone must not stay green on the wall."""
    asked = {bool(target["instant"]) for target in panel["targets"]}
    assert asked == {panel["type"] in JUDGED}


@EVERY_PANEL
def test_no_data_is_never_green(panel):
    """Where nothing answers, the lowest step is not that of health unless a number stands for it."""
    defaults = panel["fieldConfig"]["defaults"]
    nothing = [one for one in defaults["mappings"] if one["type"] == "special" and one["options"]["match"] == "null"]
    assert [one["options"]["result"]["color"] for one in nothing] == ["purple"]


def test_links_of_panels_lead_to_dashboards():
    urls = [link["url"] for _, panel in PANELS for link in panel.get("links", [])]
    assert len(urls) > 8
    assert {re.fullmatch(r"/d/([a-z-]+)\?\$\{__url_time_range\}&var-datasource=.*", url)[1] for url in urls} <= UIDS


def test_a_name_in_a_legend_has_one_colour_everywhere():
    colours = {}
    for _, panel in PANELS:
        names = {target["refId"]: target["legendFormat"] for target in panel["targets"]}
        for override in panel["fieldConfig"]["overrides"]:
            matched = override["matcher"]["options"]
            name = names.get(matched, matched)  # by query, or by the name itself
            for one in override["properties"]:
                if one["id"] == "color":
                    colours.setdefault(name, set()).add(one["value"]["fixedColor"])
    assert colours["half within"] == {"light-blue"}
    assert {name: found for name, found in colours.items() if len(found) > 1} == {}


@EVERY
def test_every_expression_asks_for_series_that_are_documented(dashboard):
    for asked in [*asked_by_panels(dashboard), *asked_by_marks(dashboard)]:
        assert not unknown_names(asked.filled(FILLED)), asked


@EVERY
def test_every_expression_asks_processes_that_set_what_it_asks_for(dashboard):
    for asked in [*asked_by_panels(dashboard), *asked_by_marks(dashboard)]:
        assert not asked_in_vain(asked.filled(FILLED)), asked


@pytest.mark.parametrize(
    ("expression", "in_vain"),
    [
        ('max(litopys_final_events{job="litopys-validator-check"})', []),
        ('max(litopys_final_events{job="litopys-sector"}) or vector(0)', ["litopys_final_events"]),
        ('rate(litopys_stage_seconds_count{job="litopys-sealer"}[5m])', ["litopys_stage_seconds"]),
    ],
)
def test_a_process_that_has_a_series_and_never_sets_it_is_found(expression, in_vain):
    assert asked_in_vain(expression) == in_vain


@pytest.mark.parametrize(
    ("expression", "unknown"),
    [
        ("sum(rate(litopys_blok_events_count[5m]))", {"litopys_blok_events_count"}),
        ("litopys_event_finality_seconds", {"litopys_event_finality_seconds"}),
        ("max(litopys_final_events) or vector(0)", set()),
        ("max(litopys_finel_events) or vector(0)", {"litopys_finel_events"}),
    ],
)
def test_a_misspelt_name_is_found_behind_whatever_stands_in_for_it(expression, unknown):
    assert unknown_names(expression) == unknown


def test_what_is_no_promql_is_refused():
    with pytest.raises(ValueError, match=r"\S"):
        selectors("sum(up) by")


def test_the_sector_is_chosen_among_those_that_tell_of_themselves():
    (variable,) = [one for one in DASHBOARDS["litopys-sector"]["templating"]["list"] if one["name"] == "sector"]
    (metric,) = re.findall(r"^label_values\((\w+), sector\)$", variable["query"])
    assert "sector" in documented_metrics()[metric].labels
    for asked in asked_by_panels(DASHBOARDS["litopys-sector"]):
        for selector in selectors(asked.filled(FILLED)):
            assert "registers" in str(selector) or not selector.name.startswith("litopys_"), asked


def test_files_are_as_grafana_reads_them():
    for path in FOLDER.glob("*.json"):
        assert json.loads(path.read_text())["schemaVersion"] >= 39


def test_provisioning_names_the_folder_and_one_source_by_default():
    folder = FOLDER.parent / "provisioning"
    (provider,) = yaml.safe_load((folder / "dashboards" / "litopys.yml").read_text())["providers"]
    assert provider["type"] == "file"
    assert provider["options"] == {"path": "/var/lib/grafana/dashboards"}
    assert not provider["allowUiUpdates"]
    (source,) = yaml.safe_load((folder / "datasources" / "prometheus.yml").read_text())["datasources"]
    assert source["type"] == SOURCE["type"]
    assert source["isDefault"]
    assert re.fullmatch(r"\d+s", source["jsonData"]["timeInterval"])
