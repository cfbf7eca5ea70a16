"""The committed dashboards as a reader of them sees them: panels, expressions, and what an expression selects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import promql_parser

FOLDER = Path(__file__).parents[2] / "deploy" / "grafana" / "dashboards"


class Asked(NamedTuple):
    """One expression, as it stands in the file, and where."""

    dashboard: str
    panel: str
    expr: str

    def filled(self, values: dict[str, str]) -> str:
        """The expression with Grafana's variables replaced, as Grafana does before it asks."""
        text = self.expr
        for name, value in values.items():
            text = text.replace(f"${name}", value)
        return text


def load_dashboards() -> dict[str, dict[str, Any]]:
    """Every committed dashboard by its uid."""
    loaded = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
    return {one["uid"]: one for one in loaded}


def panels_of(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    """All panels but the headings of groups."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def asked_by_panels(dashboard: dict[str, Any]) -> list[Asked]:
    """Every expression of every panel."""
    return [
        Asked(dashboard["uid"], panel["title"], target["expr"])
        for panel in panels_of(dashboard)
        for target in panel["targets"]
    ]


def asked_by_marks(dashboard: dict[str, Any]) -> list[Asked]:
    """Every expression of the marks on the time axis."""
    return [Asked(dashboard["uid"], mark["name"], mark["expr"]) for mark in dashboard["annotations"]["list"]]


def selectors(expression: str) -> list[promql_parser.VectorSelector]:
    """Every selector of series in an expression. Raises ValueError where it is no PromQL."""
    found: list[promql_parser.VectorSelector] = []

    def visit(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)

    promql_parser.walk(promql_parser.parse(expression), visit)
    unique = {selector.prettify(): selector for selector in found}
    return list(unique.values())
