"""checkov finds nothing in what is applied that deploy/k8s/checkov.yaml does not explain; it finds what is planted."""

import json
import subprocess

import pytest

from tests.support.manifests import K8S, ROOT, find, overlay

CHECKOV = ROOT / "var" / "tools" / "checkov" / "bin" / "checkov"
CHECKED = ("dev", "prod", "validator-only")  # the lab is on the node's network, which is the point of it
PLANTED = {
    "CKV_K8S_16": lambda pod: security(pod).update(privileged=True),
    "CKV_K8S_20": lambda pod: security(pod).update(allowPrivilegeEscalation=True),
    "CKV_K8S_22": lambda pod: security(pod).update(readOnlyRootFilesystem=False),
    "CKV_K8S_37": lambda pod: security(pod).update(capabilities={"add": ["NET_ADMIN"]}),
    "CKV_K8S_13": lambda pod: pod["containers"][0]["resources"].pop("limits"),
    "CKV_K8S_8": lambda pod: pod["containers"][0].pop("livenessProbe"),
    "CKV_K8S_14": lambda pod: pod["containers"][0].update(image="litopys:latest"),
    "CKV_K8S_19": lambda pod: pod.update(hostNetwork=True),
    "CKV_K8S_27": lambda pod: pod["volumes"].append({"name": "d", "hostPath": {"path": "/var/run/docker.sock"}}),
    "CKV_K8S_35": lambda pod: pod["containers"][0]["env"].append(
        {"name": "PGPASSWORD", "valueFrom": {"secretKeyRef": {"name": "password", "key": "password"}}}
    ),
}


def security(pod):
    return pod["containers"][0]["securityContext"]


@pytest.fixture(scope="module")
def failed(tmp_path_factory):
    """The failed checks of each file, by one run over all: checkov takes seconds to start."""
    if not CHECKOV.exists():
        pytest.skip("checkov is not in var/tools: `make deploy-check` installs it")
    folder = tmp_path_factory.mktemp("rendered")
    for name in CHECKED:
        (folder / f"{name}.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": overlay(name)}))
    for check, spoil in PLANTED.items():
        spoilt = find(overlay("prod"), "Deployment", "registers-relay")
        spoil(spoilt["spec"]["template"]["spec"])
        (folder / f"planted-{check}.json").write_text(json.dumps(spoilt))
    command = [CHECKOV, "--config-file", K8S / "checkov.yaml", "--directory", folder, "--output", "json", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    found = {path.stem: set() for path in folder.iterdir()}
    for one in report["results"]["failed_checks"]:
        found[one["file_path"].strip("/").removesuffix(".json")].add(f"{one['check_id']} {one['resource']}")
    assert report["summary"]["passed"] > 1_000
    return found


@pytest.mark.parametrize("name", CHECKED)
def test_nothing_is_found_that_is_not_explained(failed, name):
    assert failed[name] == set()


@pytest.mark.parametrize("check", PLANTED)
def test_what_is_planted_is_found(failed, check):
    assert check in {found.split()[0] for found in failed[f"planted-{check}"]}


def test_each_exception_has_its_reason():
    lines = (K8S / "checkov.yaml").read_text().splitlines()
    for number, line in enumerate(lines):
        if "CKV" in line:
            assert lines[number - 1].strip().startswith("#"), line
