"""Network policies against configuration: whether a flow that a process is set up for is let through."""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.support.manifest_references import selects
from tests.support.manifests import COMPONENT, MEMBER, Manifest, containers, environment, of_kind, pods

KAFKA = {"strimzi.io/cluster": "litopys", "strimzi.io/kind": "Kafka", "strimzi.io/name": "litopys-kafka"}
DNS = ("kube-system", {"k8s-app": "kube-dns"})
MONITORING = "monitoring"
DOOR = "ingress-nginx"
ASKS_VALIDATORS = ("sealer", "validator-check", "sector-http", "sector-relay")
_FAR = "203.0.113.7"


class End(NamedTuple):
    """One end of a connection: a pod of this namespace by its labels, of another by its name, or an address outside."""

    labels: tuple[tuple[str, str], ...] = ()
    namespace: str = ""
    address: str = ""

    def __str__(self) -> str:
        """Say who it is."""
        labels = dict(self.labels)
        own = f"{labels.get(COMPONENT, '')} {labels.get(MEMBER, '')}".strip() or str(labels)
        return self.address or f"{own if self.labels else 'pods'}{f' of {self.namespace}' if self.namespace else ''}"


class Flow(NamedTuple):
    """Who opens a connection to whom, at which port."""

    source: End
    target: End
    port: int

    def __str__(self) -> str:
        """Say it in words."""
        return f"{self.source} to {self.target}:{self.port}"


def pod(labels: dict[str, str]) -> End:
    """A pod of this namespace."""
    return End(labels=tuple(sorted(labels.items())))


def needed_flows(manifests: list[Manifest]) -> Iterator[Flow]:
    """Say what follows from settings, Ingresses and monitors."""
    templates = [template for workload, template in pods(manifests)]
    serving = [one for one in templates if one["metadata"]["labels"][COMPONENT] == "validator-serve"]
    for template in templates:
        labels = template["metadata"]["labels"]
        end = pod(labels)
        yield Flow(end, End(labels=tuple(DNS[1].items()), namespace=DNS[0]), 53)
        for container in containers(template):
            yield from _of_settings(end, environment(container, manifests))
            for port in container.get("ports", []):
                yield Flow(End(namespace=MONITORING), end, port["containerPort"])
        if labels[COMPONENT] in ASKS_VALIDATORS:
            yield from (Flow(end, pod(one["metadata"]["labels"]), 8080) for one in serving)
            yield Flow(end, End(address=_FAR), 443)
        if labels[COMPONENT] == "bootstrap":
            yield Flow(end, End(address=_FAR), 443)
    for template in templates:
        if of_kind(manifests, "Ingress") and template["metadata"]["labels"][COMPONENT] in (
            "sector-http",
            "validator-serve",
        ):
            yield Flow(End(namespace=DOOR), pod(template["metadata"]["labels"]), 8080)
    for one in of_kind(manifests, "Cluster"):
        end = pod({"cnpg.io/cluster": one["metadata"]["name"]})
        yield from (Flow(end, end, port) for port in (5432, 8000))
        yield Flow(end, End(address=_FAR), 443)
        yield Flow(End(namespace="cnpg-system"), end, 8000)
        yield Flow(End(namespace=MONITORING), end, 9187)
    if of_kind(manifests, "Kafka"):
        yield from (Flow(pod(KAFKA), pod(KAFKA), port) for port in (9090, 9091, 9093))


def _of_settings(end: End, told: dict[str, str]) -> Iterator[Flow]:
    for server in filter(None, told.get("LITOPYS_BOOTSTRAP", "").split(",")):
        host, _, port = server.rpartition(":")
        yield Flow(end, End(address=_FAR) if "." in host else pod(KAFKA), int(port))
    for name in ("LITOPYS_DATABASE_URL", "LITOPYS_OWNER_DATABASE_URL"):
        if told.get(name):
            place = urlsplit(told[name])
            yield Flow(end, pod({"cnpg.io/cluster": (place.hostname or "").removesuffix("-rw")}), place.port or 5432)
    if told.get("LITOPYS_OTLP_ENDPOINT"):
        yield Flow(end, End(namespace=MONITORING), urlsplit(told["LITOPYS_OTLP_ENDPOINT"]).port or 4318)


def is_let_through(flow: Flow, manifests: list[Manifest]) -> bool:
    """Answer what the network would do: both ends must agree, as far as they are pods of this namespace."""
    policies = of_kind(manifests, "NetworkPolicy")
    return _agrees(flow.source, flow.target, port=flow.port, policies=policies, direction="Egress") and (
        # Strimzi's own policies say what reaches Kafka.
        dict(flow.target.labels) == KAFKA
        or _agrees(flow.target, flow.source, port=flow.port, policies=policies, direction="Ingress")
    )


def _agrees(own: End, other: End, *, port: int, policies: list[Manifest], direction: str) -> bool:
    if own.namespace or own.address:
        return True  # not ours to say
    labels = dict(own.labels)
    about = [one["spec"] for one in policies if selects(one["spec"]["podSelector"], labels)]
    about = [spec for spec in about if direction in spec["policyTypes"]]
    if not about:
        return True
    side = "to" if direction == "Egress" else "from"
    return any(_admits(rule, other, side=side, port=port) for spec in about for rule in spec.get(direction.lower(), []))


def _admits(rule: Manifest, other: End, *, side: str, port: int) -> bool:
    ports = [one["port"] for one in rule.get("ports", [])]
    return (not ports or port in ports) and (side not in rule or any(_is_peer(one, other) for one in rule[side]))


def _is_peer(peer: Manifest, other: End) -> bool:
    if "ipBlock" in peer:
        return bool(other.address) and ip_address(other.address) in ip_network(peer["ipBlock"]["cidr"])
    if other.address:
        return False
    space = {"kubernetes.io/metadata.name": other.namespace}
    is_there = selects(peer["namespaceSelector"], space) if "namespaceSelector" in peer else not other.namespace
    return is_there and selects(peer.get("podSelector", {}), dict(other.labels))
