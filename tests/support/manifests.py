"""What kustomize makes of each overlay under `deploy/k8s`, as the objects that would be applied."""

import functools
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

ROOT = Path(__file__).parents[2]
K8S = ROOT / "deploy" / "k8s"
OVERLAYS = sorted(path.name for path in (K8S / "overlays").iterdir() if (path / "kustomization.yaml").exists())
WORKLOADS = ("Deployment", "StatefulSet", "Job")
COMPONENT = "app.kubernetes.io/component"
MEMBER = "app.kubernetes.io/instance"

Manifest = dict[str, Any]

# YAML 1.1 has a type for a lone "=", which Prometheus' definitions use as a text.
yaml.CSafeLoader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: loader.construct_scalar(node))


class Mount(NamedTuple):
    """A file in a container, and where it comes from: `secret/NAME/KEY`, `configmap/NAME/KEY`; a key may be open."""

    path: str
    source: str


def load_documents(text: str) -> list[Manifest]:
    """Parse YAML documents."""
    return [one for one in yaml.load_all(text, Loader=yaml.CSafeLoader) if one]


def kustomize() -> list[str]:
    """Name the command that renders a folder: what `make deploy-check` installed, or kubectl; else skip."""
    own = ROOT / "var" / "tools" / "bin" / "kustomize"
    if own.exists():
        return [str(own), "build"]
    lab = Path(os.environ.get("LAB_DIR", "/nonexistent")) / "bin" / "kubectl"
    kubectl = str(lab) if lab.exists() else shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("neither kustomize nor kubectl is on this machine: `make deploy-check` installs the one")
    return [kubectl, "kustomize"]


@functools.cache
def rendered(folder: Path) -> str:
    """Render a folder, as JSON; the test fails with kustomize's words where it cannot be."""
    done = subprocess.run([*kustomize(), str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{folder.name}: {done.stderr}"
    return json.dumps(load_documents(done.stdout))


def overlay(name: str) -> list[Manifest]:
    """Return the objects of an overlay, fresh ones each time: a test may spoil them."""
    return json.loads(rendered(K8S / "overlays" / name))


def of_kind(manifests: Iterable[Manifest], *kinds: str) -> list[Manifest]:
    """Return the objects of some kinds."""
    return [one for one in manifests if one["kind"] in kinds]


def find(manifests: Iterable[Manifest], kind: str, name: str) -> Manifest:
    """Return the one object of that kind and name."""
    return next(one for one in manifests if one["kind"] == kind and one["metadata"]["name"] == name)


def is_of_operators(manifest: Manifest) -> bool:
    """Answer whether the kind is not Kubernetes' own, so that its definition must be there."""
    group, slash, _ = manifest["apiVersion"].partition("/")
    return bool(slash) and "." in group and not group.endswith(".k8s.io")


def title(manifest: Manifest) -> str:
    """Say which object it is."""
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def pods(manifests: Iterable[Manifest]) -> Iterator[tuple[Manifest, Manifest]]:
    """Go through the workloads, each with its pod template."""
    for one in of_kind(manifests, *WORKLOADS):
        yield one, one["spec"]["template"]


def containers(template: Manifest) -> list[Manifest]:
    """Return a pod's containers, those that run before the others first."""
    return [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]


def environment(container: Manifest, manifests: Iterable[Manifest]) -> dict[str, str]:
    """Return what a container is told: values with `$(NAME)` expanded as Kubernetes does, from names that stand before.

    What comes from objects that are made elsewhere has the text of its place: `<secret/dsn/kyiv>`.
    """
    shared: dict[str, str] = {}
    for source in container.get("envFrom", []):
        shared |= find(manifests, "ConfigMap", source["configMapRef"]["name"])["data"]
    own: dict[str, str] = {}
    for entry in container.get("env", []):
        own[entry["name"]] = expand(entry["value"], own) if "value" in entry else f"<{place_of(entry)}>"
    return shared | own


def expand(text: str, known: dict[str, str]) -> str:
    """Put values for `$(NAME)`; a name that is not known stays as it stands, as in Kubernetes."""
    for name, value in known.items():
        text = text.replace(f"$({name})", value)
    return text


def place_of(entry: Manifest) -> str:
    """Say where a variable's value comes from: `secret/NAME/KEY`; empty where it stands in the manifest."""
    for kind in ("secret", "configMap"):
        if reference := entry.get("valueFrom", {}).get(f"{kind}KeyRef"):
            return f"{kind.lower()}/{reference['name']}/{reference['key']}"
    return ""


def files(container: Manifest, template: Manifest) -> list[Mount]:
    """Return which files a container finds, by the keys that its volumes name; `*` where a volume takes all keys."""
    volumes = {volume["name"]: volume for volume in template["spec"].get("volumes", [])}
    found = []
    for mount in container.get("volumeMounts", []):
        for key, path, source in _volume_files(volumes[mount["name"]]):
            one = mount.get("subPath")
            found.append(
                Mount(mount["mountPath"], f"{source}/{one}")
                if one
                else Mount(f"{mount['mountPath']}/{path}", f"{source}/{key}")
            )
    return found


def _volume_files(volume: Manifest) -> Iterator[tuple[str, str, str]]:
    for source in volume.get("projected", {}).get("sources", [volume]):
        for kind in ("secret", "configMap"):
            if kind in source:
                reference = source[kind]
                name = f"{kind.lower()}/{reference.get('name') or reference['secretName']}"
                items = reference.get("items") or [{"key": "*", "path": "*"}]
                yield from ((item["key"], item["path"], name) for item in items)
