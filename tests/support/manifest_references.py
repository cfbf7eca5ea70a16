"""What objects say of each other: selectors find what they mean, and whatever is referred to is made by somebody."""

from collections.abc import Callable, Iterator

from tests.support.manifests import COMPONENT, Manifest, containers, files, of_kind, place_of, pods, title

# What is made outside the manifests, by whom: objects of these names, or that begin so where they end in a hyphen.
BY_THE_JOB = {"secret/key-", "configmap/network", "configmap/tokens"}  # deploy.docker.bootstrap
BY_OWNERS = BY_THE_JOB | {"secret/backups"}  # docs/runbooks/install.md
MADE_ELSEWHERE = {
    "dev": BY_THE_JOB,
    "lab": BY_THE_JOB | {"configmap/lab", "secret/dsn"},  # tests/k8s: Kafka and Postgres are outside
    "prod": BY_OWNERS,
    "validator-only": {
        "secret/key-validator-kharkiv",  # drawn by its owner
        "configmap/network",  # the same for all
        "secret/backups",
        "secret/litopys-cluster-ca-cert",  # handed over by who runs Kafka
        "secret/validator-kharkiv",
    },
}
OPTIONAL = {"configmap/amendments"}


def complaints_of_references(manifests: list[Manifest], overlay: str) -> list[str]:
    """Look at everything by which one object means another."""
    return [*_of_selectors(manifests), *_of_names(manifests), *_of_made(manifests, overlay)]


def selects(selector: Manifest, labels: Manifest) -> bool:
    """Answer whether a selector of Kubernetes takes an object of these labels; an empty one takes all."""
    for name, value in selector.get("matchLabels", {}).items():
        if labels.get(name) != value:
            return False
    for one in selector.get("matchExpressions", []):
        if one["operator"] == "In" and labels.get(one["key"]) not in one["values"]:
            return False
        if one["operator"] == "Exists" and one["key"] not in labels:
            return False
        if one["operator"] not in ("In", "Exists"):
            raise NotImplementedError(one["operator"])
    return True


def _of_selectors(manifests: list[Manifest]) -> Iterator[str]:
    templates = {title(workload): template for workload, template in pods(manifests)}
    for one in of_kind(manifests, "Deployment", "StatefulSet"):
        found = [name for name, pod in templates.items() if selects(one["spec"]["selector"], pod["metadata"]["labels"])]
        if found != [title(one)]:
            yield f"{title(one)} selects the pods of {found}"
    for one in of_kind(manifests, "PodDisruptionBudget"):
        if not any(selects(one["spec"]["selector"], pod["metadata"]["labels"]) for pod in templates.values()):
            yield f"{title(one)} selects no pod"
    for one in of_kind(manifests, "Service"):
        yield from _of_service(one, list(templates.values()))
    services = of_kind(manifests, "Service")
    for one in of_kind(manifests, "ServiceMonitor"):
        taken = [service for service in services if selects(one["spec"]["selector"], service["metadata"]["labels"])]
        named = {port["name"] for service in taken for port in service["spec"]["ports"]}
        if not taken or any(endpoint["port"] not in named for endpoint in one["spec"]["endpoints"]):
            yield f"{title(one)} finds no service, or not its port"


def _of_service(service: Manifest, templates: list[Manifest]) -> Iterator[str]:
    selector = {"matchLabels": service["spec"]["selector"]}
    taken = [pod for pod in templates if selects(selector, pod["metadata"]["labels"])]
    named = {port["name"] for pod in taken for box in containers(pod) for port in box.get("ports", [])}
    if len({pod["metadata"]["labels"][COMPONENT] for pod in taken}) != 1:
        yield f"{title(service)} leads to {len(taken)} kinds of pods"
    if any(port["targetPort"] not in named for port in service["spec"]["ports"]):
        yield f"{title(service)} leads to a port that nobody has"


def _of_names(manifests: list[Manifest]) -> Iterator[str]:
    there = {title(one) for one in manifests}
    for one, wanted in _wanted(manifests):
        if wanted not in there:
            yield f"{title(one)} means {wanted}, which is not there"


def _wanted(manifests: list[Manifest]) -> Iterator[tuple[Manifest, str]]:
    for one, template in pods(manifests):
        yield one, f"ServiceAccount {template['spec']['serviceAccountName']}"
    for one in manifests:
        yield from ((one, wanted) for wanted in _MEANT.get(one["kind"], lambda _one: [])(one))


_MEANT: dict[str, Callable[[Manifest], list[str]]] = {
    "StatefulSet": lambda one: [f"Service {one['spec']['serviceName']}"],
    "HorizontalPodAutoscaler": lambda one: ["{kind} {name}".format(**one["spec"]["scaleTargetRef"])],
    **dict.fromkeys(
        ("Database", "DatabaseRole", "ScheduledBackup"), lambda one: [f"Cluster {one['spec']['cluster']['name']}"]
    ),
    **dict.fromkeys(
        ("KafkaTopic", "KafkaUser", "KafkaNodePool"),
        lambda one: [f"Kafka {one['metadata']['labels']['strimzi.io/cluster']}"],
    ),
    "Ingress": lambda one: [
        f"Service {path['backend']['service']['name']}"
        for rule in one["spec"]["rules"]
        for path in rule["http"]["paths"]
    ],
    "Certificate": lambda one: [f"Issuer {one['spec']['issuerRef']['name']}"],
    "Cluster": lambda one: [
        f"ObjectStore {p['parameters']['barmanObjectName']}" for p in one["spec"].get("plugins", [])
    ],
}


def _of_made(manifests: list[Manifest], overlay: str) -> Iterator[str]:
    made = set(_made(manifests))
    elsewhere = MADE_ELSEWHERE[overlay]
    for one, wanted in _needed(manifests):
        place = wanted.rpartition("/")[0]
        is_outside = any(place == name or (name.endswith("-") and place.startswith(name)) for name in elsewhere)
        whole = {name.rpartition("/")[0] for name in made}
        is_made = place in whole if wanted.endswith("/*") else wanted in made
        if not is_made and not is_outside and place not in OPTIONAL:
            yield f"{title(one)} needs {wanted}, which nobody makes"


def _made(manifests: list[Manifest]) -> Iterator[str]:
    """Say which keys of which Secrets and ConfigMaps the operators make, and which are here."""
    certificate = ("tls.crt", "tls.key")
    for one in manifests:
        name = one["metadata"]["name"]
        if one["kind"] == "ConfigMap":
            yield from (f"configmap/{name}/{key}" for key in one["data"])
        elif one["kind"] == "KafkaUser":  # the authority in it is that of clients, not of brokers
            yield from (f"secret/{name}/{key}" for key in ("user.crt", "user.key", "user.p12"))
        elif one["kind"] == "Kafka":
            yield f"secret/{name}-cluster-ca-cert/ca.crt"
        elif one["kind"] == "Cluster":
            yield f"secret/{name}-ca/ca.crt"
        elif one["kind"] == "DatabaseRole" and one["spec"].get("clientCertificate", {}).get("enabled"):
            yield from (f"secret/{name}-client-cert/{key}" for key in certificate)
        elif one["kind"] == "Certificate":
            yield from (f"secret/{one['spec']['secretName']}/{key}" for key in (*certificate, "ca.crt"))


def _needed(manifests: list[Manifest]) -> Iterator[tuple[Manifest, str]]:
    """Say which keys of which Secrets and ConfigMaps each object needs."""
    for one, template in pods(manifests):
        for container in containers(template):
            yield from ((one, mount.source) for mount in files(container, template))
            yield from ((one, place) for entry in container.get("env", []) if (place := place_of(entry)))
    for one in manifests:
        yield from ((one, place) for place in _NEEDS.get(one["kind"], lambda _one: [])(one))


def _of_listeners(kafka: Manifest) -> list[str]:
    listeners = kafka["spec"]["kafka"]["listeners"]
    chains = [one.get("configuration", {}).get("brokerCertChainAndKey") for one in listeners]
    return [f"secret/{chain['secretName']}/{chain[key]}" for chain in chains if chain for key in ("certificate", "key")]


_NEEDS: dict[str, Callable[[Manifest], list[str]]] = {
    "Kafka": _of_listeners,
    "Ingress": lambda one: [f"secret/{tls['secretName']}/tls.crt" for tls in one["spec"].get("tls", [])],
    "Issuer": lambda one: [f"secret/{one['spec']['ca']['secretName']}/tls.key"] if "ca" in one["spec"] else [],
    "ObjectStore": lambda one: [
        f"secret/{where['name']}/{where['key']}" for where in one["spec"]["configuration"]["s3Credentials"].values()
    ],
}
