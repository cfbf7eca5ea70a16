"""`make sbom`: what the image holds of Python, as CycloneDX: pinned requirements, and the wheel built of this checkout.

The same checkout gives the same bytes; no index is asked. What the base image brings is its maker's to tell.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SPEC_VERSION = "1.6"


def main() -> None:
    """Write the bill where the command line says. Raises CalledProcessError where a tool refuses."""
    parser = argparse.ArgumentParser(prog="python -m deploy.docker.sbom", description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "var" / "sbom.json")
    output: Path = parser.parse_args().output
    bill = make_bill(ROOT / "requirements.txt")
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(bill, indent=1, sort_keys=True) + "\n")
    print(f"{output}: {len(bill['components'])} packages beside {bill['metadata']['component']['name']}")


def make_bill(requirements: Path) -> dict[str, Any]:
    """Answer the bill of the pinned `requirements`, the wheel of this checkout being what rests on them."""
    options = ("--output-reproducible", "--output-format=JSON", f"--spec-version={SPEC_VERSION}", "--no-validate")
    # cyclonedx-py warns of a root that rests on nothing: it gets what it rests on here.
    command = [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements", *options]
    made = _run([*command, f"--pyproject={ROOT / 'pyproject.toml'}", str(requirements)])
    bill: dict[str, Any] = json.loads(made)
    wheel = bill["metadata"]["component"]
    name, digest = build_wheel()
    wheel["purl"] = f"pkg:pypi/{wheel['name']}@{wheel['version']}?file_name={name}"
    wheel["hashes"] = [{"alg": "SHA-256", "content": digest}]
    _name_by_package(bill)
    return bill


def build_wheel() -> tuple[str, str]:
    """Build the wheel as the Dockerfile does; answer its name and its SHA-256 in hex."""
    with tempfile.TemporaryDirectory() as folder:
        _run([sys.executable, "-m", "hatchling", "build", "--target=wheel", f"--directory={folder}"])
        [wheel] = Path(folder).glob("*.whl")
        return wheel.name, hashlib.sha256(wheel.read_bytes()).hexdigest()


def _name_by_package(bill: dict[str, Any]) -> None:
    """Refer to packages by what they are, not by the line where they stood, and let the wheel rest on them all."""
    root = bill["metadata"]["component"]
    root["bom-ref"] = root["purl"]
    for component in bill["components"]:
        component["bom-ref"] = component["purl"]
        del component["description"]
    references = sorted(component["bom-ref"] for component in bill["components"])
    bill["components"].sort(key=lambda component: str(component["bom-ref"]))
    bill["dependencies"] = [{"ref": root["bom-ref"], "dependsOn": references}, *({"ref": one} for one in references)]


def _run(command: list[str]) -> str:
    made = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, env=dict(os.environ))
    if made.returncode:
        sys.stderr.write(made.stderr)
        made.check_returncode()
    return made.stdout


if __name__ == "__main__":
    main()
