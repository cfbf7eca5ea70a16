"""`python -m deploy.k8s.monitoring`: rules and dashboards as objects of the operator and of Grafana's sidecar.

A PrometheusRule's `spec` is what a rule file holds, so each file is taken over as it stands, comments included. Of the
dashboards there is a list, beside their files: kustomize reads no file above the folder that names it.
"""

from __future__ import annotations

from pathlib import Path

DEPLOY = Path(__file__).parents[1]
RULES = Path("prometheus/rules")
DASHBOARDS = Path("grafana/dashboards")
MADE = Path("k8s/components/monitoring/made")
_BY = "# Made by `python -m deploy.k8s.monitoring`"
_RULE = """\
{by} from deploy/prometheus/rules/{file}: change that.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: litopys-{name}
  labels: {{app.kubernetes.io/name: litopys}}
spec:
"""
_FOLDER = """\
{by}.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
"""
_SHOWN = """\
generatorOptions:
  disableNameSuffixHash: true
  labels: {grafana_dashboard: "1"}
configMapGenerator:
"""


def made_files(deploy: Path = DEPLOY) -> dict[Path, str]:
    """Return the text of each file to be written, by its place under `deploy`."""
    rules = sorted((deploy / RULES).glob("*.yml"))
    made = {MADE / f"{path.stem}.yaml": _rule(path) for path in rules}
    taken = [path.name for path in made]
    if dashboards := sorted((deploy / DASHBOARDS).glob("*.json")):
        made[DASHBOARDS / "kustomization.yaml"] = _dashboards(dashboards)
        taken.append("../../../../grafana/dashboards")
    listed = "".join(f"  - {one}\n" for one in taken)
    made[MADE / "kustomization.yaml"] = f"{_FOLDER.format(by=_BY)}resources:\n{listed}"
    return made


def _rule(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    deeper = "".join(f"  {line}\n" if line.strip() else "\n" for line in lines)
    return _RULE.format(by=_BY, file=path.name, name=path.stem) + deeper


def _dashboards(paths: list[Path]) -> str:
    maps = "".join(f"  - {{name: dashboard-{path.stem}, files: [{path.name}]}}\n" for path in paths)
    return _FOLDER.format(by=_BY) + _SHOWN + maps


def main() -> None:
    """Write what is new, and remove what has no source any more."""
    made = made_files()
    for path in (DEPLOY / MADE).glob("*.yaml"):
        if MADE / path.name not in made:
            path.unlink()
    for place, text in made.items():
        (DEPLOY / place).parent.mkdir(parents=True, exist_ok=True)
        (DEPLOY / place).write_text(text, encoding="utf-8")
        print(DEPLOY / place)


if __name__ == "__main__":
    main()
