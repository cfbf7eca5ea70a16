"""In Kubernetes, for networks of one owner that are there to be tried: draws all keys and the network file, once.

What was drawn is first kept whole in the Secret `bootstrap`, by one request; from there it is handed out to a Secret
for each member, ConfigMap `tokens`, and last ConfigMap `network`, on which every process waits. Killed anywhere, it
goes on with what was kept: no second set of keys is ever drawn. Its account may create, and read back `bootstrap`.

Arguments: those of `litopys network init`, without --directory; sectors are those of this build unless they are named.
"""

from __future__ import annotations

import base64
import os
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2

from services.catalogue import sector_names

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
KEPT = "bootstrap"
NETWORK = "network"
PUBLIC = {"network.json": NETWORK, "policy": NETWORK, "tokens.public.jwk": "tokens"}
"""Which files are no secret, and the ConfigMap that each goes to."""
TIMEOUT_S = 30.0
_CONFLICT = 409
_ABSENT = 404


class Cluster:
    """What of Kubernetes' API is needed, in the namespace of this pod. Raises httpx2.HTTPError."""

    def __init__(self, client: httpx2.Client, namespace: str) -> None:
        self._client = client
        self._path = f"/api/v1/namespaces/{namespace}"

    def get(self, kind: str, name: str) -> dict[str, Any] | None:
        """Read one object; None where there is none."""
        answer = self._client.get(f"{self._path}/{kind}/{name}")
        return None if answer.status_code == _ABSENT else answer.raise_for_status().json()

    def create(self, kind: str, name: str, **content: object) -> bool:
        """Create one object; False where there is one of this name already, whatever is in it."""
        answer = self._client.post(f"{self._path}/{kind}", json={"metadata": {"name": name}, **content})
        if answer.status_code == _CONFLICT:
            return False
        answer.raise_for_status()
        return True


def bootstrap(cluster: Cluster, draw_files: Callable[[], Mapping[str, bytes]]) -> list[str]:
    """Draw what is not there yet, and hand out; returns what was created."""
    if cluster.get("configmaps", NETWORK) is not None:
        return []
    if cluster.get("secrets", KEPT) is None:
        cluster.create("secrets", KEPT, data=_encoded(draw_files()))
    kept = cluster.get("secrets", KEPT)
    if kept is None:
        raise LookupError(f"Secret {KEPT} was there and is gone")
    files = {name: base64.b64decode(data) for name, data in kept["data"].items()}
    return [f"{kind} {name}" for kind, name, content in hand_out(files) if cluster.create(kind, name, **content)]


def draw(arguments: list[str]) -> dict[str, bytes]:
    """Make a network in memory (/tmp is none of the node's disk) and return its files by their names."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "made"
        command = [sys.executable, "-m", "litopys.cli.main", "network", "init", f"--directory={folder}", *arguments]
        subprocess.run(command, check=True, stdout=sys.stderr)
        return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def hand_out(files: Mapping[str, bytes]) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Say which object holds which file, in the order of their making: the network last."""
    for name, data in files.items():
        if name not in PUBLIC:
            yield "secrets", secret_name(name), {"data": _encoded({name: data})}
    for config_map in sorted(set(PUBLIC.values()), reverse=True):
        public = {name: data.decode() for name, data in files.items() if PUBLIC.get(name) == config_map}
        yield "configmaps", config_map, {"data": public}


def secret_name(file: str) -> str:
    """Name the Secret of a key file: `validator-kyiv.key` is in `key-validator-kyiv`."""
    return f"key-{file.rpartition('.')[0]}".replace("_", "-")


def _encoded(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(data).decode() for name, data in files.items()}


def open_cluster() -> Cluster:
    """Reach the API as every pod does: by the account's token, trusting the account's authority."""
    trust = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    # Authorities of clusters often lack identifiers that RFC 5280 asks for; chain and name are checked all the same.
    trust.verify_flags &= ~ssl.VERIFY_X509_STRICT
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
    client = httpx2.Client(
        base_url=f"https://{f'[{host}]' if ':' in host else host}:{port}",
        headers={"Authorization": f"Bearer {(ACCOUNT / 'token').read_text().strip()}"},
        verify=trust,
        timeout=TIMEOUT_S,
    )
    return Cluster(client, (ACCOUNT / "namespace").read_text().strip())


def main() -> None:
    """Make what is missing."""
    arguments = sys.argv[1:]
    if not any(one.startswith("--sector") for one in arguments):
        arguments += [f"--sector={name}" for name in sector_names()]
    created = bootstrap(open_cluster(), lambda: draw(arguments))
    print(f"created {', '.join(created) or 'nothing: the network is there'}")


if __name__ == "__main__":
    main()
