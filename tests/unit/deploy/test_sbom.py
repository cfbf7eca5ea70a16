"""The bill of materials names every pinned requirement with its hashes, the wheel, and nothing else; twice the same."""

import copy
import hashlib
import json
import re

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.docker.sbom import build_wheel, make_bill
from tests.house.tree import ROOT

REQUIREMENTS = (ROOT / "requirements.txt").read_text()


@pytest.fixture(scope="module")
def bill():
    return make_bill(ROOT / "requirements.txt")


def pins(text):
    """Name → version and hashes, as a requirements file says them."""
    joined = text.replace("\\\n", " ")
    found = {}
    for line in joined.splitlines():
        name, version = re.match(r"([a-z0-9._-]+)==(\S+)", line).groups()
        found[name] = (version, frozenset(re.findall("sha256:([0-9a-f]{64})", line)))
    return found


def listed(bill):
    return {
        one["name"]: (
            one["version"],
            frozenset(
                hashed["content"] for reference in one["externalReferences"] for hashed in reference.get("hashes", [])
            ),
        )
        for one in bill["components"]
    }


def refusal(bill):
    return JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill))


def test_every_pinned_requirement_is_in_it_with_its_hashes(bill):
    assert len(pins(REQUIREMENTS)) > 30
    assert listed(bill) == pins(REQUIREMENTS)


def test_what_is_pinned_beside_is_listed_and_what_is_not_is_not(bill, tmp_path):
    """The check itself: another requirement is seen to be missing in the bill, and is in its own."""
    other = tmp_path / "requirements.txt"
    other.write_text(REQUIREMENTS + f"left-pad==1.0 \\\n    --hash=sha256:{'ab' * 32}\n")
    assert listed(bill) != pins(other.read_text())
    assert listed(make_bill(other)) == pins(other.read_text())


def test_it_is_what_the_format_says(bill):
    assert refusal(bill) is None


def test_what_is_not_is_refused(bill):
    """A bill of one package: the check takes a second for each dozen."""
    wrong = {**bill, "components": copy.deepcopy(bill["components"][:1])}
    wrong["components"][0]["type"] = "librarian"
    assert "librarian" in str(refusal(wrong))


def test_the_wheel_is_the_root_and_rests_on_all_of_them(bill, tmp_path):
    root = bill["metadata"]["component"]
    name, digest = build_wheel()
    assert (root["name"], root["hashes"]) == ("litopys", [{"alg": "SHA-256", "content": digest}])
    assert name in root["purl"]
    [own] = [one for one in bill["dependencies"] if one["ref"] == root["bom-ref"]]
    assert own["dependsOn"] == sorted(one["purl"] for one in bill["components"])
    assert digest != hashlib.sha256(b"").hexdigest()


def test_it_is_the_same_twice_and_names_no_time(bill):
    assert make_bill(ROOT / "requirements.txt") == bill
    assert "timestamp" not in bill["metadata"]
    assert "serialNumber" not in bill
