"""Every sector known to the code is wherever sectors are listed; adding one is a file and a line in each overlay."""

import pytest
import yaml

from services.catalogue import sector_names
from tests.support.manifests import K8S, MEMBER, OVERLAYS, ROOT, find, load_documents, of_kind, overlay, pods

WHOLE = [name for name in OVERLAYS if name != "validator-only"]
WITH_OPERATORS = ("dev", "prod")
SECTORS = sector_names()


def dns(sector):
    return sector.replace("_", "-")


@pytest.mark.parametrize("sector", SECTORS)
def test_it_is_one_file_and_one_line_in_each_overlay(sector):
    folder = K8S / "sectors" / dns(sector)
    assert [path.name for path in folder.iterdir()] == ["kustomization.yaml"]
    (described,) = load_documents((folder / "kustomization.yaml").read_text())
    (member,) = described["configMapGenerator"]
    told = dict(literal.split("=") for literal in member["literals"])
    assert (told["name"], told["dns"]) == (sector, dns(sector))
    for name in WHOLE:
        lines = (K8S / "overlays" / name / "kustomization.yaml").read_text().splitlines()
        assert [line for line in lines if sector in line] == [f"  - ../../sectors/{dns(sector)}"], name


@pytest.mark.parametrize("name", WHOLE)
def test_every_sector_and_no_other_runs(name):
    roles = ("sector-http", "sector-relay")
    found = {
        (template["metadata"]["labels"][MEMBER], role)
        for _, template in pods(overlay(name))
        if (role := template["metadata"]["labels"]["app.kubernetes.io/component"]) in roles
    }
    assert found == {(sector, role) for sector in SECTORS for role in roles}


@pytest.mark.parametrize("name", WITH_OPERATORS)
def test_every_sector_has_topic_principal_database_and_roles(name):
    manifests = overlay(name)
    for sector in SECTORS:
        assert find(manifests, "KafkaTopic", f"events-{dns(sector)}")["spec"]["topicName"] == f"litopys.events.{sector}"
        assert find(manifests, "KafkaUser", f"sector-{dns(sector)}")
        database = find(manifests, "Database", f"sector-{dns(sector)}")["spec"]
        assert (database["name"], database["owner"]) == (sector, f"{sector}_owner")
        for role in ("owner", "service", "reader"):
            made = find(manifests, "DatabaseRole", f"sector-{dns(sector)}-{role}")["spec"]
            assert made["name"] == f"{sector}_{role}"
            assert not made.get("superuser")
            assert made["disablePassword"]
    assert {one["spec"]["name"] for one in of_kind(manifests, "Database")} == set(SECTORS)


@pytest.mark.parametrize("sector", SECTORS)
def test_it_is_in_compose(sector):
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    running = [one for one in services.values() if f"services.{sector}" in (one.get("command") or [])]
    assert len(running) == 1


def test_the_dashboard_of_sectors_asks_for_their_names():
    path = ROOT / "deploy" / "grafana" / "dashboards" / "litopys-sector.json"
    if not path.exists():
        pytest.skip("deploy/grafana/dashboards is not in this tree yet")
    text = path.read_text(encoding="utf-8")
    assert "label_values(" in text, "the sectors are asked of Prometheus, not listed"
    assert not [sector for sector in SECTORS if f'"{sector}"' in text]
