"""What Kubernetes and the operators would say of an object: their own schemas, strictly, unknown fields refused."""

import functools
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest

from deploy.local.layout import VALIDATORS
from services.catalogue import sector_names
from tests.support.manifests import ROOT, Manifest, is_of_operators, load_documents, title

KUBERNETES = "1.35"
DEFINITIONS = Path(os.environ.get("LITOPYS_K8S_CRDS") or ROOT.parent / "shared" / "k8s-lab" / "crds")
_NAMES = re.compile(
    rf"\b({'|'.join((*VALIDATORS, *sector_names()))})\b|(?<=sealer-)[ab]\b|litopys-(dev|lab|validator)\b"
)
_KEPT = ("x-kubernetes-preserve-unknown-fields", "additionalProperties")


def complaints_of_kubernetes(manifests: Iterable[Manifest]) -> list[str]:
    """Validate objects of Kubernetes' own kinds as `kubernetes-validate --strict` does.

    What members are called is nothing to a schema: of objects that differ in that alone, one is validated.
    """
    return [
        f"{title(one)}: {said}"
        for one in manifests
        if not is_of_operators(one) and (said := _said_of(_NAMES.sub("member", json.dumps(one, sort_keys=True))))
    ]


@functools.cache
def _said_of(text: str) -> str:
    try:
        kubernetes_validate.validate(json.loads(text), KUBERNETES, strict=True)
    except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
        return str(getattr(error, "message", error))
    return ""


def definitions() -> dict[str, Any]:
    """Load the operators' definitions; the schema of each `apiVersion/Kind`. Skips where they are not at hand."""
    if not DEFINITIONS.exists():
        pytest.skip("the operators' definitions are not beside this checkout (../shared/k8s-lab/crds)")
    return _load_definitions(DEFINITIONS)


@functools.cache
def _load_definitions(folder: Path) -> dict[str, Any]:
    found = {}
    for path in sorted(folder.rglob("*.yaml")):
        if path.stat().st_size > 600_000:
            continue  # of kinds that we do not use; a kind that is not found is a complaint
        for one in load_documents(path.read_text()):
            spec = one["spec"]
            for version in spec["versions"]:
                place = f"{spec['group']}/{version['name']}/{spec['names']['kind']}"
                found[place] = _strict(version["schema"]["openAPIV3Schema"], is_root=True)
    return found


def complaints_of_operators(manifests: Iterable[Manifest]) -> list[str]:
    """Validate objects of the operators' kinds by their own definitions: types, values, what is required, no more."""
    known, said = definitions(), []
    for one in manifests:
        if not is_of_operators(one):
            continue
        schema = known.get(f"{one['apiVersion']}/{one['kind']}")
        if schema is None:
            said.append(f"{title(one)}: nobody knows {one['apiVersion']}")
            continue
        errors = jsonschema.Draft202012Validator(schema).iter_errors(one)
        said += [f"{title(one)}: {'.'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in errors]
    return said


def _strict(schema: Any, *, is_root: bool = False) -> Any:
    """Turn a structural schema of Kubernetes into one of JSON Schema in which an unknown field is an error."""
    if not isinstance(schema, dict):
        return schema
    made = {
        key: _converted(key, value) for key, value in schema.items() if not key.startswith("x-") and key != "format"
    }
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    if made.get("nullable") and "type" in made:
        made["type"] = [made["type"], "null"]
    if "properties" in made and not any(schema.get(key) for key in _KEPT):
        made["additionalProperties"] = False
    if is_root:  # what Kubernetes itself has beside a definition
        made["properties"] = {"apiVersion": {}, "kind": {}, "metadata": {"type": "object"}} | made["properties"]
        made["properties"]["metadata"] = {"type": "object"}
    return made


def _converted(key: str, value: Any) -> Any:
    if key == "properties":
        return {name: _strict(one) for name, one in value.items()}
    if key in ("items", "additionalProperties"):
        return _strict(value)
    if key in ("allOf", "anyOf", "oneOf"):
        return value  # conditions over what `properties` have already said
    return value
