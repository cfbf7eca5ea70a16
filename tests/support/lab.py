"""What the overlay `lab` needs beside it: a Kafka, a Postgres with its databases and roles, and where they are.

Both listen on this machine's loopback, where pods on the node's network reach them.
"""

import asyncio
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import asyncpg

from deploy.local.kafka import Kafka
from deploy.local.ports import LOOPBACK, free_ports, wait_until
from deploy.local.postgres import OwnPostgres
from deploy.local.processes import Process
from tests.support.cluster import Cluster
from tests.support.manifests import Manifest, overlay, place_of, pods
from tests.support.warden import warden

NODE = "real-0"
NAMESPACE = "litopys-lab"


class Outside(NamedTuple):
    """The servers outside the cluster, and the DSN of each member and role: `validator-kyiv-reader`."""

    bootstrap: str
    dsns: dict[str, str]

    def objects(self, cluster: Cluster) -> list[Manifest]:
        """What the overlay reads of them."""
        api = urlsplit(
            json.loads(cluster.run("config", "view", "--minify", "-o", "json"))["clusters"][0]["cluster"]["server"]
        )
        told = {"bootstrap": self.bootstrap, "api-host": str(api.hostname), "api-port": str(api.port or 443)}
        meta = {"namespace": NAMESPACE}
        return [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "lab", **meta}, "data": told},
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "dsn", **meta}, "stringData": self.dsns},
        ]


@contextmanager
def outside(folder: Path) -> Iterator[Outside]:
    """Run Kafka and Postgres with their data in `folder`, which goes with them."""
    folder.chmod(0o755)
    with warden(folder):
        kafka = Kafka(folder / "kafka", brief=True)
        server = OwnPostgres(folder / "postgres")
        try:
            kafka.start()
            port, process = _start_postgres(server)
            yield Outside(kafka.bootstrap, asyncio.run(_make_databases(server, port)))
            process.stop()
        finally:
            server.stop()
            kafka.stop()


def _start_postgres(server: OwnPostgres) -> tuple[int, Process]:
    """Start it as `deploy.local` does, but listening on loopback too, with passwords."""
    server.start()
    server.stop()
    (port,) = free_ports(1)
    rules = server.folder / "data" / "pg_hba.conf"
    rules.write_text(f"host all all {LOOPBACK}/32 scram-sha-256\n{rules.read_text()}")
    command = (*server.process.command, "-c", f"listen_addresses={LOOPBACK}", "-c", f"port={port}")
    process = Process(server.process.name, command, server.folder, stop_signal=server.process.stop_signal)
    process.start()
    wait_until(lambda: _answers(_local(server, port)), what="Postgres on loopback", timeout_s=60)
    return port, process


def _local(server: OwnPostgres, port: int) -> dict[str, Any]:
    user = server.dsn().rpartition("user=")[2]
    return {"host": str(server._sockets), "port": port, "user": user, "database": "postgres"}


def _answers(place: dict[str, Any]) -> bool:
    async def ask() -> None:
        await (await asyncpg.connect(**place, timeout=5)).close()

    try:
        asyncio.run(ask())
    except (OSError, asyncpg.PostgresError):
        return False
    return True


async def _make_databases(server: OwnPostgres, port: int) -> dict[str, str]:
    """Make a database for each member that the overlay names, and its roles, as CloudNativePG would."""
    dsns, passwords = {}, {}
    connection = await asyncpg.connect(**_local(server, port))
    try:
        for key in wanted_dsns():
            member, _, role = key.rpartition("-")
            kind, _, name = member.partition("-")
            user = f"{'ledger' if kind == 'validator' else name.replace('-', '_')}_{role}"
            if user not in passwords:
                passwords[user] = secrets.token_hex(16)
                await connection.execute(f"CREATE ROLE {user} LOGIN PASSWORD '{passwords[user]}'")
            dsns[key] = f"postgresql://{user}:{passwords[user]}@{LOOPBACK}:{port}/{member.replace('-', '_')}"
        for key, dsn in dsns.items():
            if key.endswith("-owner"):
                owner, database = urlsplit(dsn).username, urlsplit(dsn).path[1:]
                await connection.execute(f"CREATE DATABASE {database} TEMPLATE template0 OWNER {owner}")
    finally:
        await connection.close()
    return dsns


def wanted_dsns() -> list[str]:
    """List the keys of Secret `dsn` that the overlay names, and a reader's for each database."""
    entries = (
        entry
        for _, template in pods(overlay("lab"))
        for container in (*template["spec"].get("initContainers", []), *template["spec"]["containers"])
        for entry in container.get("env", [])
    )
    places = {place_of(entry) for entry in entries}
    named = {place.removeprefix("secret/dsn/") for place in places if place.startswith("secret/dsn/")}
    return sorted(named | {f"{key.removesuffix('-owner')}-reader" for key in named if key.endswith("-owner")})


def import_job(name: str, *, rows: int, seed: int) -> Manifest:
    """Describe a Job of the image that makes a synthetic export of land titles and imports it."""
    security = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    mounts = [{"name": "tmp", "mountPath": "/tmp"}]
    box = {"image": "localhost/litopys:0.1.0", "imagePullPolicy": "Never", "securityContext": security}
    sample = ["sample", "registers", "titles", f"--rows={rows}", f"--seed={seed}", "--output=/tmp/sample.geojson"]
    bring = ["import", "registers", "/tmp/sample.geojson", "--actor=migration-1", "--approver=registrar-2", "--json"]
    bring += [f"--part=lot-{seed}", "--network=/etc/litopys/network/network.json", "--database-url=$(DSN)"]
    network = {"name": "network", "mountPath": "/etc/litopys/network/network.json", "subPath": "network.json"}
    dsn = {"name": "DSN", "valueFrom": {"secretKeyRef": {"name": "dsn", "key": "sector-registers-service"}}}
    pod = {
        "restartPolicy": "OnFailure",
        "hostNetwork": True,
        "nodeSelector": {"lab/real": "true"},
        "tolerations": [{"key": "lab/real", "operator": "Exists"}],
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
        "initContainers": [{"name": "sample", **box, "args": ["litopys.cli.main", *sample], "volumeMounts": mounts}],
        "containers": [
            {
                "name": "litopys",
                **box,
                "args": ["litopys.cli.main", *bring],
                "env": [dsn],
                "volumeMounts": [*mounts, network],
            }
        ],
        "volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "network", "configMap": {"name": "network"}}],
    }
    spec = {"backoffLimit": 10, "template": {"spec": pod}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec}
