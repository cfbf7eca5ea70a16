"""The cluster that KUBECONFIG names, by kubectl. Without one, tests are skipped, aloud."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.support.manifests import Manifest

_TIMEOUT_S = 240


class Refused(Exception):
    """The cluster refused: its words."""


class Cluster:
    """Applies objects and asks for them."""

    def __init__(self, kubectl: str) -> None:
        self._kubectl = kubectl

    def run(self, *arguments: str, given: str | None = None, timeout_s: float = _TIMEOUT_S) -> str:
        """Run kubectl; raises Refused with what it says."""
        command = [self._kubectl, *arguments]
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=timeout_s)
        if done.returncode:
            raise Refused(done.stderr.strip() or done.stdout.strip())
        return done.stdout

    def apply(self, manifests: Iterable[Manifest], *options: str) -> str:
        """Apply on the server, strictly. Raises Refused."""
        listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(manifests)})
        fixed = ("--server-side", "--force-conflicts", "--validate=strict", "--field-manager=litopys-tests")
        return self.run("apply", *fixed, *options, "-f", "-", given=listed)

    def get(self, kind: str, *arguments: str, namespace: str = "default") -> Any:
        """Read an object, or a list of them."""
        return json.loads(self.run("-n", namespace, "get", kind, *arguments, "-o", "json"))

    def names(self, kind: str, *arguments: str, namespace: str = "default") -> list[str]:
        """List the names of objects."""
        return [one["metadata"]["name"] for one in self.get(kind, *arguments, namespace=namespace)["items"]]

    def evict(self, pod: str, *, namespace: str) -> None:
        """Ask for a pod to be moved, as draining a node does. Raises Refused where a budget of disruptions says no."""
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": namespace}}
        place = f"/api/v1/namespaces/{namespace}/pods/{pod}/eviction"
        self.run("create", "--raw", place, "-f", "-", given=json.dumps(body))

    def roll_out(self, workloads: Iterable[str], *, namespace: str, timeout_s: int = _TIMEOUT_S) -> None:
        """Wait until each `kind/name` has rolled out. Raises Refused where one has not in time."""
        for one in workloads:
            self.run("-n", namespace, "rollout", "status", one, f"--timeout={timeout_s}s", timeout_s=timeout_s + 10)


def open_cluster() -> Cluster:
    """Reach the cluster; skips where none is named, or it does not answer."""
    config = os.environ.get("KUBECONFIG")
    if not config or not Path(config).exists():
        pytest.skip("KUBECONFIG names no cluster (docs/kubernetes.md says how to get one)")
    own = Path(os.environ.get("LAB_DIR", "/nonexistent")) / "bin" / "kubectl"
    kubectl = str(own) if own.exists() else shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not on this machine")
    cluster = Cluster(kubectl)
    try:
        cluster.run("get", "--raw", "/readyz", timeout_s=20)
    except (Refused, subprocess.TimeoutExpired) as error:
        pytest.skip(f"the cluster of KUBECONFIG does not answer: {error}")
    return cluster


def wait_for(is_so: Callable[[], Any], *, what: str, timeout_s: float = _TIMEOUT_S) -> Any:
    """Ask until the answer is true, and return it; what the cluster refuses meanwhile counts as not yet."""
    deadline = time.monotonic() + timeout_s
    said = ""
    while time.monotonic() < deadline:
        try:
            if answer := is_so():
                return answer
        except Refused as error:
            said = str(error)
        time.sleep(0.5)
    raise TimeoutError(f"{what}: not within {timeout_s:.0f} s {said}")
