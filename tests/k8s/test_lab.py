"""The project's own image under a real kubelet: started by the overlay `lab`, under load, restarted, killed, audited.

Only where the node `real-0` is, and the image on it (docs/kubernetes.md). One network serves all tests, in this order.
"""

import asyncio
import json
import re
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from deploy.local.layout import url
from litopys.cli.http import get
from tests.support.cluster import Refused, wait_for
from tests.support.lab import NAMESPACE, NODE, import_job, outside
from tests.support.manifests import COMPONENT, ROOT, of_kind, overlay, pods

pytestmark = [pytest.mark.k8s, pytest.mark.timeout(1_500)]

VALIDATORS = ("kyiv", "lviv", "odesa", "dnipro")
ROWS = 2_600
"""Of a synthetic export: four events each on the average, so more than ten thousand in all."""
EAT = (
    "import os, time\n"
    "for child in range(24):\n"
    "    if os.fork() == 0:\n"
    "        held = bytearray(os.urandom(1)) * (40 << 20)\n"
    "        time.sleep(20)\n"
    "        os._exit(0)\n"
    "time.sleep(20)\n"
)
"""Many processes, each smaller than the one that is meant: the kernel ends the largest of the container."""


class Lab:
    """The network that runs, and what is asked of it."""

    def __init__(self, cluster, servers):
        self.cluster = cluster
        self.servers = servers

    def run(self, *arguments, **options):
        return self.cluster.run("-n", NAMESPACE, *arguments, **options)

    def workloads(self):
        kinds = of_kind(overlay("lab"), "Deployment", "StatefulSet")
        return [f"{one['kind'].lower()}/{one['metadata']['name']}" for one in kinds]

    def port(self, name):
        template = next(template for workload, template in pods(overlay("lab")) if workload["metadata"]["name"] == name)
        return template["spec"]["containers"][0]["ports"][0]["containerPort"]

    def ask(self, name, path):
        return get(url(self.port(name)) + path)

    def roll_out(self, *workloads):
        self.cluster.roll_out(workloads or self.workloads(), namespace=NAMESPACE, timeout_s=300)

    def begin_import(self, name, *, seed):
        self.cluster.apply([import_job(name, rows=ROWS, seed=seed)])

    def imported(self, name):
        self.run("wait", f"job/{name}", "--for=condition=complete", "--timeout=600s", timeout_s=610)
        said = self.run("logs", f"job/{name}", "-c", "litopys")  # progress before, then the result
        return json.loads(said[said.rindex("{\n") :])

    async def value(self, member, question):
        connection = await asyncpg.connect(self.servers.dsns[member])
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    def restarts(self, name):
        found = self.cluster.get("pods", "-l", "app.kubernetes.io/name=litopys", namespace=NAMESPACE)["items"]
        (pod,) = [one for one in found if one["metadata"]["name"].startswith(name)]
        (status,) = pod["status"]["containerStatuses"]
        return status["restartCount"], status.get("lastState", {}).get("terminated", {}).get("reason")


@pytest.fixture(scope="module")
def lab(cluster):
    if NODE not in cluster.names("nodes"):
        pytest.skip(f"the node {NODE} is not in this cluster: no real kubelet (docs/kubernetes.md)")
    cluster.run("delete", "namespace", NAMESPACE, "--ignore-not-found", "--timeout=120s")
    with outside(Path(tempfile.mkdtemp(prefix="litopys-lab-"))) as servers:
        cluster.apply(of_kind(overlay("lab"), "Namespace"))
        cluster.apply(servers.objects(cluster))
        cluster.apply(overlay("lab"))
        yield Lab(cluster, servers)
        cluster.run("delete", "namespace", NAMESPACE, "--timeout=180s")


def test_keys_and_topics_are_made_and_everything_becomes_ready(lab):
    for job in ("bootstrap", "topics"):
        lab.run("wait", f"job/{job}", "--for=condition=complete", "--timeout=180s")
    lab.roll_out()
    for workload, _ in pods(overlay("lab")):
        if workload["kind"] != "Job":
            assert json.loads(lab.ask(workload["metadata"]["name"], "/readyz"))["ready"]
    running = lab.cluster.get("pods", "-l", "app.kubernetes.io/name=litopys", namespace=NAMESPACE)["items"]
    ours = [one for one in running if one["metadata"]["labels"][COMPONENT] not in ("bootstrap", "topics")]
    assert len(ours) == len(lab.workloads())
    assert {one["spec"]["nodeName"] for one in ours} == {NODE}


def test_its_processes_are_nobody_on_a_file_system_that_cannot_be_written(lab):
    tried = "import os; print(os.getuid(), os.getgid()); open('/srv/x', 'w')"
    with pytest.raises(Refused, match="Read-only file system"):
        lab.run("exec", "statefulset/sealer-a", "--", "python", "-c", tried)
    assert (
        lab.run(
            "exec", "statefulset/sealer-a", "--", "python", "-c", tried.partition(";")[0] + "; print(os.getuid())"
        ).strip()
        == "10001"
    )


@pytest.fixture(scope="module")
def first_import(lab):
    lab.roll_out()
    lab.begin_import("import-1", seed=1)
    return lab.imported("import-1")


def test_ten_thousand_imported_events_are_final(lab, first_import):
    assert first_import["closed"]
    assert first_import["rejected"] == 0
    check_nothing_is_lost(lab, at_least=10_000)


def test_a_restart_of_each_workload_loses_nothing(lab):
    lab.roll_out()
    lab.begin_import("import-2", seed=2)
    for workload in lab.workloads():
        lab.run("rollout", "restart", workload)
        lab.roll_out(workload)
    assert lab.imported("import-2")["closed"]
    check_nothing_is_lost(lab, at_least=10_000)


def test_a_deleted_sealer_and_a_validator_out_of_memory_lose_nothing(lab):
    lab.roll_out()
    lab.begin_import("import-3", seed=3)
    lab.run("wait", "pod", "--selector=job-name=import-3", "--for=condition=Ready", "--timeout=180s")
    leader = leading_sealer(lab)
    lab.run("delete", "pod", f"sealer-{leader}-0", "--wait=true")
    drive_out_of_memory(lab, "validator-kyiv-check")
    assert not lab.cluster.get("job", "import-3", namespace=NAMESPACE)["status"].get("succeeded"), "it was over before"
    lab.roll_out()
    assert lab.imported("import-3")["closed"]
    check_nothing_is_lost(lab, at_least=10_000)


def leading_sealer(lab):
    def leader():
        said = {name: lab.ask(f"sealer-{name}", "/metrics").decode() for name in "ab"}
        found = [name for name, text in said.items() if re.search(r"^litopys_leader\S* 1(\.0)?$", text, re.MULTILINE)]
        return found[0] if len(found) == 1 else None

    return wait_for(leader, what="one sealer leads")


def drive_out_of_memory(lab, name):
    before, _ = lab.restarts(name)
    for _ in range(5):
        with suppress(Refused):  # it goes with its container
            lab.run("exec", f"{name}-0", "--", "python", "-c", EAT, timeout_s=120)
        restarts, reason = lab.restarts(name)
        if restarts > before:
            assert reason == "OOMKilled"
            return
    pytest.fail(f"{name} could not be driven out of memory")


def check_nothing_is_lost(lab, *, at_least):
    """What the sectors acknowledged is what each validator holds as final, and an auditor finds nothing."""

    def value(member, question):
        return asyncio.run(lab.value(member, question))

    sectors = ("sector-registers-service", "sector-energy-service")
    wait_for(
        lambda: all(value(one, "select count(*) from outbox") == 0 for one in sectors), what="the outboxes are empty"
    )
    acknowledged = sum(value(one, "select count(*) from event") for one in sectors)
    assert acknowledged >= at_least
    assert all(value(one, "select count(*) from rejected_event") == 0 for one in sectors)
    question = "select max(size) - max(height) - 1 from block"

    def held():
        return {name: value(f"validator-{name}-reader", question) for name in VALIDATORS}

    wait_for(
        lambda: set(held().values()) == {acknowledged},
        what=f"{acknowledged} events at each validator, not {held()}",
        timeout_s=60,
    )
    roots = wait_for(lambda: same_checkpoints(lab), what="one checkpoint at all validators")
    assert roots
    network = json.loads(lab.run("get", "configmap", "network", "-o", "json"))["data"]["network.json"]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(network)
        file.flush()
        for name in VALIDATORS:
            dsn = lab.servers.dsns[f"validator-{name}-reader"]
            command = [
                sys.executable,
                "-m",
                "litopys.cli.main",
                "audit",
                f"--database-url={dsn}",
                f"--network={file.name}",
            ]
            done = subprocess.run(
                [*command, f"--validator={name}", "--quiet"], cwd=ROOT, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr


def same_checkpoints(lab):
    found = {lab.ask(f"validator-{name}", "/checkpoint").partition(b"\n\n")[0] for name in VALIDATORS}
    return found if len(found) == 1 else None
