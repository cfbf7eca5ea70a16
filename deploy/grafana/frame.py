"""What all dashboards have in common: data source, marks on the time axis, links to each other, numbered panels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as models

from deploy.grafana.colours import BROKEN, QUIET
from deploy.grafana.panels import DATASOURCE, Panel
from deploy.grafana.queries import OURS

TAG = "litopys"
REFRESH = "10s"
_MORE_EVIDENCE = "sum by (name, reason) (increase(litopys_evidence_total[1m])) > 0"
_STARTED = f"time() - process_start_time_seconds{{{OURS}}} < 30"


class _Mark(builders.AnnotationQuery):
    """Marks on the time axis, each named by the labels of what it stands for."""

    def __init__(self, name: str, *, expr: str, title: str, colour: str) -> None:
        super().__init__()
        self._internal = _TitledAnnotation(title)
        self.name(name).datasource(DATASOURCE).expr(expr).icon_color(colour).enable(True)


class _TitledAnnotation(models.AnnotationQuery):
    """Prometheus' annotations know more than the library's shape of one says."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def to_json(self) -> dict[str, object]:
        """Add what stands on the mark, and how far apart two must be to be two."""
        return {**super().to_json(), "titleFormat": self._title, "step": "30s"}


class Group(NamedTuple):
    """Panels under a heading; the first group of a dashboard may have none."""

    heading: str
    panels: Sequence[Panel]


_EVIDENCE_FOUND = _Mark("Evidence", expr=_MORE_EVIDENCE, title="{{name}} found {{reason}}", colour=BROKEN)
_PROCESS_STARTED = _Mark("Starts of processes", expr=_STARTED, title="{{job}} {{name}} started", colour=QUIET)


class Page(NamedTuple):
    """One dashboard; `uid` is in people's bookmarks and never changes."""

    uid: str
    title: str
    says: str
    groups: Sequence[Group]
    variables: Sequence[builders.QueryVariable] = ()
    since: str = "now-1h"


def build(page: Page) -> models.Dashboard:
    """Build a dashboard; it is provisioned from a file, so nobody edits it in Grafana."""
    made = (
        builders.Dashboard(page.title)
        .uid(page.uid)
        .description(page.says)
        .tags([TAG])
        .readonly()
        .time(page.since, "now")
        .refresh(REFRESH)
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .link(_links())
        .variables([_datasource(), *page.variables])
        .annotations([_EVIDENCE_FOUND, _PROCESS_STARTED])
    )
    for group in page.groups:
        if group.heading:
            made.with_row(builders.Row(group.heading))
        for panel in group.panels:
            made.with_panel(panel)
    return _numbered(made.build())


def label_variable(name: str, *, label: str, metric: str) -> builders.QueryVariable:
    """A choice among the values that a label of a metric has."""
    chosen = builders.QueryVariable(name).label(label).datasource(DATASOURCE)
    chosen.query(f"label_values({metric}, {name})").sort(models.VariableSort.ALPHABETICAL_ASC)
    return chosen.refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)


def _numbered(made: models.Dashboard) -> models.Dashboard:
    """Grafana numbers what has no number, otherwise on every save: links to single panels would go astray."""
    for number, panel in enumerate(made.panels or [], start=1):
        if isinstance(panel, models.Panel):
            panel.id_val = number
        else:
            panel.id_val = number
    return made


def _links() -> builders.DashboardLink:
    to_all = builders.DashboardLink("Litopys").type(models.DashboardLinkType.DASHBOARDS).tags([TAG])
    return to_all.as_dropdown(False).keep_time(True).include_vars(True).target_blank(False)


def _datasource() -> builders.DatasourceVariable:
    return builders.DatasourceVariable("datasource").label("Data source").type("prometheus")
