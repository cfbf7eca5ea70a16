"""One cluster for the session, and each overlay applied to it once."""

import functools

import pytest

from tests.support.cluster import Cluster, open_cluster
from tests.support.manifests import OVERLAYS, is_of_operators, of_kind, overlay


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    return open_cluster()


@pytest.fixture(scope="session")
def applied(cluster):
    """Apply an overlay, the first time it is asked for; returns its namespace."""

    @functools.cache
    def apply(name: str) -> str:
        assert name in OVERLAYS
        manifests = overlay(name)
        known = set(cluster.run("api-resources", "-o", "name").split())
        if any(is_of_operators(one) for one in manifests) and "kafkas.kafka.strimzi.io" not in known:
            pytest.skip("the operators' definitions are not in this cluster (docs/kubernetes.md)")
        cluster.apply(of_kind(manifests, "Namespace"))
        cluster.apply(manifests)
        return of_kind(manifests, "Namespace")[0]["metadata"]["name"]

    return apply
