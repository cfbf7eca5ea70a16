"""Panels in a few kinds that look alike everywhere. Sizes are (width, height) in Grafana's grid of 24 columns.

Whatever is judged by colour is asked for this very moment (`instant`): the last value of a process that has gone must
not stay on the wall. Where nothing answers, a panel says "no data" and is not green.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, NotRequired, TypedDict, TypeVar, Unpack

from grafana_foundation_sdk.builders import bargauge, common, prometheus, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import common as shapes
from grafana_foundation_sdk.models import dashboard as models

from deploy.grafana.colours import PLAIN, QUIET, SECTORS, UNKNOWN
from deploy.grafana.queries import Query

DATASOURCE = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
NO_DATA = "no data"
WIDTH = 24

Panel = stat.Panel | timeseries.Panel | bargauge.Panel | statetimeline.Panel | table.Panel
P = TypeVar("P", stat.Panel, timeseries.Panel, bargauge.Panel, statetimeline.Panel, table.Panel)


class Step(NamedTuple):
    """From this value on a figure has this colour; the first step's value is None: from the lowest on."""

    start: float | None
    colour: str


class Word(NamedTuple):
    """What stands in place of the values from `low` to `high`; None: and of all above."""

    low: float
    high: float | None
    text: str
    colour: str


class Look(NamedTuple):
    """How values are written: Grafana's name of the unit, steps of colour, words in place of numbers."""

    unit: str = "short"
    steps: Sequence[Step] = (Step(None, PLAIN),)
    words: Sequence[Word] = ()
    decimals: int | None = None
    quiet: str = "quiet"  # stands where a quotient has nothing to divide: nothing happened, and that is no fault
    reach: float | None = None  # a graph of less is drawn up to here: its nothing is then seen to be little


class Card(TypedDict):
    """What every panel has: what it says of itself, what it asks, how it writes the answer, its size.

    `leads_to` is the uid of the dashboard on which to go on where this one is not fine.
    """

    says: str
    shows: Query | Sequence[Query]
    look: Look
    size: tuple[int, int]
    leads_to: NotRequired[str]


def rising(*starts: float, colours: Sequence[str]) -> tuple[Step, ...]:
    """Steps of colour: the first from the lowest value on, each following one from its start on."""
    return tuple(Step(start, colour) for start, colour in zip((None, *starts), colours, strict=True))


def tile(title: str, *, is_wall: bool = False, **card: Unpack[Card]) -> stat.Panel:
    """One figure or a few of this moment, with colour; `is_wall` fills the whole tile with it."""
    panel = (
        stat.Panel()
        .color_mode(shapes.BigValueColorMode.BACKGROUND_SOLID if is_wall else shapes.BigValueColorMode.VALUE)
        .graph_mode(shapes.BigValueGraphMode.NONE)
        .justify_mode(shapes.BigValueJustifyMode.CENTER)
        .text_mode(shapes.BigValueTextMode.AUTO)
        .color_scheme(_by_steps())
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )
    return _ask(_dress(panel, title, card), card, is_instant=True)


def bars(title: str, **card: Unpack[Card]) -> bargauge.Panel:
    """One bar for each answer of this moment."""
    panel = (
        bargauge.Panel()
        .display_mode(shapes.BarGaugeDisplayMode.BASIC)
        .value_mode(shapes.BarGaugeValueMode.TEXT)
        .orientation(shapes.VizOrientation.HORIZONTAL)
        .show_unfilled(True)
        .sizing(shapes.BarGaugeSizing.MANUAL)
        .min_viz_height(16)
        .max_viz_height(48)
        .text(common.VizTextDisplayOptions().title_size(12).value_size(18))
        .min(0)
        .color_scheme(_by_steps())
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )
    return _ask(_dress(panel, title, card), card, is_instant=True)


def states(title: str, **card: Unpack[Card]) -> statetimeline.Panel:
    """How a state changed over time, a row for each answer; what is not known stays empty."""
    panel = (
        statetimeline.Panel()
        .show_value(shapes.VisibilityMode.NEVER)
        .merge_values(True)
        .row_height(0.8)
        .fill_opacity(80)
        .line_width(0)
        .legend(_legend())
        .color_scheme(_by_steps())
    )
    return _ask(_dress(panel, title, card), card, is_instant=False)


def graph(title: str, *, is_stacked: bool = False, **card: Unpack[Card]) -> timeseries.Panel:
    """Lines over time; where the look has steps of colour, dashes show where they begin."""
    mode = shapes.StackingMode.NORMAL if is_stacked else shapes.StackingMode.NONE
    panel = (
        timeseries.Panel()
        .line_width(1 if is_stacked else 2)
        .fill_opacity(40 if is_stacked else 0)
        .show_points(shapes.VisibilityMode.NEVER)
        .stacking(common.StackingConfig().mode(mode).group("A"))
        .axis_soft_min(0)
        .color_scheme(builders.FieldColor().mode(models.FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
        .tooltip(common.VizTooltipOptions().mode(shapes.TooltipDisplayMode.MULTI).sort(shapes.SortOrder.DESCENDING))
        .legend(_legend())
    )
    if card["look"].reach is not None:
        panel.axis_soft_max(card["look"].reach)
    if len(card["look"].steps) > 1:
        panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(shapes.GraphThresholdsStyleMode.DASHED))
    return _ask(_dress(panel, title, card), card, is_instant=False)


def _dress(panel: P, title: str, card: Card) -> P:
    look, (width, height) = card["look"], card["size"]
    panel.title(title).description(card["says"]).datasource(DATASOURCE).span(width).height(height)
    panel.unit(look.unit).no_value(NO_DATA).mappings(_mappings(look)).thresholds(
        builders.ThresholdsConfig()
        .mode(models.ThresholdsMode.ABSOLUTE)
        .steps([models.Threshold(value=step.start, color=step.colour) for step in look.steps])
    )
    if look.decimals is not None:
        panel.decimals(look.decimals)
    if "leads_to" in card:
        panel.links([_link(card["leads_to"])])
    return panel


def _ask(panel: P, card: Card, *, is_instant: bool) -> P:
    shows, is_judged = card["shows"], len(card["look"].steps) > 1
    queries = [shows] if isinstance(shows, Query) else shows
    for letter, query in zip("ABCDEFGHIJ", queries, strict=False):
        asked = prometheus.Dataquery().ref_id(letter).expr(query.expr).legend_format(query.name or "__auto")
        panel.with_target(asked.instant() if is_instant else asked.range())
        if query.colour:
            panel.override_by_query(letter, _fixed(query.colour))
        if query.name == "{{sector}}" and not is_judged:
            for sector, colour in SECTORS.items():
                panel.override_by_name(sector, _fixed(colour))
    return panel


def _fixed(colour: str) -> list[models.DynamicConfigValue]:
    return [models.DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": colour})]


def _mappings(look: Look) -> list[models.ValueMapping]:
    """Nothing at all is unknown; a quotient of nothing (NaN) is quiet; then the look's own words."""
    special: tuple[tuple[models.SpecialValueMatch, str, str], ...] = (
        (models.SpecialValueMatch.NULL, NO_DATA, UNKNOWN),
        (models.SpecialValueMatch.NA_N, look.quiet, QUIET),
    )
    words: list[models.ValueMapping] = [
        models.RangeMap(
            options=models.DashboardRangeMapOptions(
                from_val=word.low, to=word.high, result=models.ValueMappingResult(text=word.text, color=word.colour)
            )
        )
        for word in look.words
    ]
    return words + [
        models.SpecialValueMap(
            options=models.DashboardSpecialValueMapOptions(
                match=match, result=models.ValueMappingResult(text=text, color=colour)
            )
        )
        for match, text, colour in special
    ]


def _link(uid: str) -> builders.DashboardLink:
    """A link that keeps the time and the data source."""
    to = f"/d/{uid}?${{__url_time_range}}&var-datasource=${{datasource}}"
    return builders.DashboardLink("Go on here").type(models.DashboardLinkType.LINK).url(to).target_blank(False)


def _by_steps() -> builders.FieldColor:
    return builders.FieldColor().mode(models.FieldColorModeId.THRESHOLDS)


def _legend() -> common.VizLegendOptions:
    shown = common.VizLegendOptions().show_legend(True).display_mode(shapes.LegendDisplayMode.LIST)
    return shown.placement(shapes.LegendPlacement.BOTTOM)
