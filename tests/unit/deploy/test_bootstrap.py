"""The Job that draws a network's keys in Kubernetes: once, whatever kills it, with no right but to create."""

import base64
import json

import httpx2
import pytest

from deploy.docker.bootstrap import Cluster, bootstrap, draw, secret_name
from litopys.ledger.network_file import parse_network

ARGUMENTS = ["--origin=litopys.example/job", "--sealer=a", "--sector=registers", "--partitions=1"]
ARGUMENTS += [f"--validator={name}=http://{name}:8080" for name in ("kyiv", "lviv", "odesa", "dnipro")]
MEMBERS = ["sealer-a", "sector-registers", "validator-kyiv", "validator-lviv", "validator-odesa", "validator-dnipro"]


class Killed(Exception):
    """The pod is gone."""


class Api:
    """As much of Kubernetes' API as the Job's Role allows; `dies_after` requests that write, the pod is killed."""

    def __init__(self, files):
        self.objects = {}
        self.dies_after = None
        self.files = files
        self.draws = 0

    def draw(self):
        """Other keys each time, as drawing is."""
        self.draws += 1
        return {name: data + b"\n" * self.draws * name.endswith(".key") for name, data in self.files.items()}

    def __call__(self, request):
        kind, *name = request.url.path.removeprefix("/api/v1/namespaces/litopys/").split("/")
        if request.method == "GET":
            assert (kind, *name) in {("configmaps", "network"), ("secrets", "bootstrap")}, "the Role has no more"
            found = self.objects.get((kind, name[0]))
            return httpx2.Response(404 if found is None else 200, json=found or {})
        assert request.method == "POST"
        return self.create(kind, json.loads(request.content))

    def create(self, kind, body):
        if self.dies_after == 0:
            raise Killed
        if self.dies_after is not None:
            self.dies_after -= 1
        place = kind, body["metadata"]["name"]
        if place in self.objects:
            return httpx2.Response(409, json={})
        self.objects[place] = body
        return httpx2.Response(201, json=body)

    def run(self):
        client = httpx2.Client(base_url="https://api", transport=httpx2.MockTransport(self))
        return bootstrap(Cluster(client, "litopys"), self.draw)

    def file(self, kind, name, file):
        text = self.objects[kind, name]["data"][file]
        return base64.b64decode(text) if kind == "secrets" else text.encode()


@pytest.fixture(scope="module")
def files():
    return draw(ARGUMENTS)


@pytest.fixture
def api(files):
    return Api(files)


def test_each_member_gets_its_own_key_and_all_the_same_network(api):
    created = api.run()
    assert created[-1] == "configmaps network"
    network = parse_network(api.file("configmaps", "network", "network.json"))
    assert network.origin == "litopys.example/job"
    keys = {name: api.file("secrets", f"key-{name}", f"{name}.key") for name in MEMBERS}
    assert len(set(keys.values())) == len(MEMBERS)
    assert all(len(api.objects["secrets", f"key-{name}"]["data"]) == 1 for name in MEMBERS)
    assert list(api.objects["secrets", "key-log"]["data"]) == ["log.key"]
    assert "d" not in json.loads(api.file("configmaps", "tokens", "tokens.public.jwk"))
    assert "d" in json.loads(api.file("secrets", "key-tokens", "tokens.jwk"))


def test_said_again_it_changes_nothing(api):
    api.run()
    before = json.dumps(list(api.objects.values()))
    assert api.run() == []
    assert json.dumps(list(api.objects.values())) == before


@pytest.mark.parametrize("dies_after", range(11))
def test_killed_anywhere_it_goes_on_with_the_same_keys(api, dies_after):
    api.dies_after = dies_after
    with pytest.raises(Killed):
        api.run()
    kept = api.objects.get(("secrets", "bootstrap"))
    assert ("configmaps", "network") not in api.objects
    api.dies_after = None
    api.run()
    assert kept is None or api.objects["secrets", "bootstrap"] == kept
    drawn = api.objects["secrets", "bootstrap"]["data"]
    for name in MEMBERS:
        assert api.objects["secrets", f"key-{name}"]["data"] == {f"{name}.key": drawn[f"{name}.key"]}
    assert api.file("configmaps", "network", "network.json") == base64.b64decode(drawn["network.json"])


def test_two_jobs_at_once_end_with_one_network(api, files):
    other = Api(files)
    other.draws = 7
    other.run()
    api.objects["secrets", "bootstrap"] = other.objects["secrets", "bootstrap"]
    api.run()
    assert api.objects == other.objects


def test_a_secret_is_named_as_its_key_file():
    assert secret_name("sector-public_services.key") == "key-sector-public-services"
    assert secret_name("log.key") == "key-log"
