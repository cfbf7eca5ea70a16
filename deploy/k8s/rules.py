"""`python -m deploy.k8s.rules`: the rules of deploy/prometheus as objects of the prometheus-operator.

A PrometheusRule's `spec` is what a rule file holds, so each file is taken over as it stands, comments included.
"""

from __future__ import annotations

from pathlib import Path

DEPLOY = Path(__file__).parents[1]
SOURCES = DEPLOY / "prometheus" / "rules"
TARGETS = DEPLOY / "k8s" / "components" / "monitoring" / "rules"
_HEAD = """\
# Made by `python -m deploy.k8s.rules` from deploy/prometheus/rules/{file}: change that.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: litopys-{name}
  labels: {{app.kubernetes.io/name: litopys}}
spec:
"""
_LIST = """\
# Made by `python -m deploy.k8s.rules`.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [{files}]
"""


def rule_objects(sources: Path = SOURCES) -> dict[str, str]:
    """Return the text of each file to be written, by its name."""
    files = sorted(sources.glob("*.yml"))
    made = {f"{path.stem}.yaml": _HEAD.format(file=path.name, name=path.stem) + _deeper(path) for path in files}
    return made | {"kustomization.yaml": _LIST.format(files=", ".join(made))}


def _deeper(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return "".join(f"  {line}\n" if line.strip() else "\n" for line in lines)


def main() -> None:
    """Write what is new, and remove what has no source any more."""
    made = rule_objects()
    TARGETS.mkdir(exist_ok=True)
    for path in TARGETS.glob("*.yaml"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (TARGETS / name).write_text(text, encoding="utf-8")
        print(TARGETS / name)


if __name__ == "__main__":
    main()
