"""The network lets through what is configured, and nothing that is not."""

import pytest

from tests.support.manifest_flows import DOOR, KAFKA, End, Flow, is_let_through, needed_flows, pod
from tests.support.manifests import COMPONENT, MEMBER, find, overlay

FENCED = ("dev", "prod", "validator-only")  # in the lab nothing enforces a policy, and pods are on the node's network


def process(component, member):
    return pod({"app.kubernetes.io/name": "litopys", COMPONENT: component, MEMBER: member})


@pytest.mark.parametrize("name", FENCED)
def test_every_flow_that_is_configured_is_let_through(name):
    manifests = overlay(name)
    flows = list(needed_flows(manifests))
    assert len(flows) > 10
    assert [str(flow) for flow in flows if not is_let_through(flow, manifests)] == []


KEPT_APART = {
    "who serves does not reach Kafka": Flow(process("validator-serve", "kyiv"), pod(KAFKA), 9093),
    "a sector's HTTP does not reach Kafka": Flow(process("sector-http", "energy"), pod(KAFKA), 9093),
    "a validator does not reach another's database": Flow(
        process("validator-check", "kyiv"), pod({"cnpg.io/cluster": "validator-lviv"}), 5432
    ),
    "a sector does not reach a validator's database": Flow(
        process("sector-relay", "energy"), pod({"cnpg.io/cluster": "validator-kyiv"}), 5432
    ),
    "a sealer reaches no database": Flow(process("sealer", "a"), pod({"cnpg.io/cluster": "sectors"}), 5432),
    "the door does not lead to a relay": Flow(End(namespace=DOOR), process("sector-relay", "energy"), 8080),
    "the door does not lead to a core": Flow(End(namespace=DOOR), process("validator-check", "kyiv"), 8080),
    "another namespace reaches nobody": Flow(End(namespace="default"), process("sector-http", "energy"), 8080),
    "nobody calls a sealer": Flow(process("sector-http", "energy"), process("sealer", "a"), 8080),
    "who serves reaches nothing outside": Flow(process("validator-serve", "kyiv"), End(address="203.0.113.7"), 443),
    "nobody mails": Flow(process("sealer", "a"), End(address="203.0.113.7"), 25),
}


@pytest.mark.parametrize("what", KEPT_APART)
def test_what_nobody_needs_is_not_let_through(what):
    assert not is_let_through(KEPT_APART[what], overlay("prod"))


BROKEN = {
    "a port": ("to-kafka", lambda spec: spec["egress"][0]["ports"][0].update(port=9092)),
    "a component": ("to-kafka", lambda spec: spec["podSelector"]["matchExpressions"][0]["values"].remove("sealer")),
    "the owner's way": (
        "validator-kyiv-postgres",
        lambda spec: spec["podSelector"]["matchLabels"].update({"cnpg.io/cluster": "kyiv"}),
    ),
    "names": ("dns", lambda spec: spec.pop("egress")),
    "metrics": ("metrics", lambda spec: spec["ingress"][0]["ports"].pop(0)),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_flow_that_is_cut_is_missed(what):
    manifests = overlay("prod")
    name, spoil = BROKEN[what]
    spoil(find(manifests, "NetworkPolicy", name)["spec"])
    assert [flow for flow in needed_flows(manifests) if not is_let_through(flow, manifests)]
