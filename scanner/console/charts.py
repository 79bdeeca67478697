"""Charts as SVG (pygal): each a picture of its own, without scripts, in the colours of the page around it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pygal
from pygal.etree import etree
from pygal.style import Style

# pygal looks for its own plug-ins by a hook of the old kind, which every later import of anything would stumble over.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

# The picture is an image of its own, without an origin and without network; only its own style sheet counts.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
COLOURS = (
    "#2f6299", "#b3261e", "#1b7f47", "#b26a00", "#6a4fa3", "#008299", "#8a5a44", "#5b6470",
    "#d0578c", "#7c9a2f", "#3f8fd6", "#e08a4b",
)  # fmt: skip
# The graver, the redder: S1 to S4.
SEVERITIES = {"S1": "#8a93a0", "S2": "#b26a00", "S3": "#d9635b", "S4": "#8f1018"}
IN_TIME_OR_LATE = ("#1b7f47", "#b3261e")
_LIGHT = {"foreground": "#1a1f26", "foreground_strong": "#1a1f26", "foreground_subtle": "#9aa3ae"}
_DARK = {"foreground": "#e4e8ed", "foreground_strong": "#ffffff", "foreground_subtle": "#525c69"}


def by_day(
    days: Sequence[str],
    series: Mapping[str, Sequence[float]],
    *,
    dark: bool = False,
    stacked: bool = False,
    colours: Sequence[str] = COLOURS,
    empty: str = "—",
) -> bytes:
    """One line for each name over the days, or one bar a day with a part for each name; ``empty`` where nothing is."""
    if not any(any(values) for values in series.values()):
        series = {}
    plain = _plain(dark=dark, colours=colours, empty=empty) | {"show_y_labels": bool(series)}
    line = {"dots_size": 2.5, "stroke_style": {"width": 2.5}}
    chart = pygal.StackedBar(**plain) if stacked else pygal.Line(**plain, **line)
    chart.x_labels = list(days)
    chart.x_labels_major = list(days)[:: max(1, len(days) // 6)]
    highest = map(sum, zip(*series.values(), strict=True)) if stacked else (max(line) for line in series.values())
    chart.y_labels = _ticks(max(highest, default=0))
    for name, values in series.items():
        chart.add(name, list(values))
    return _drawn(chart)


def bars(
    counts: Mapping[str, float],
    *,
    dark: bool = False,
    within: Mapping[str, tuple[float, float]] | None = None,
    sorts: bool = True,
    empty: str = "—",
) -> bytes:
    """A bar for each name, the largest at the top unless told otherwise; ``within``: the interval that each lies in.

    With intervals the figures are shares in percent.
    """
    ranked = sorted(counts.items(), key=lambda pair: pair[1]) if sorts else list(counts.items())[::-1]
    shape = {"height": 90 + 30 * max(len(ranked), 2), "show_minor_x_labels": True, "margin_right": 24}
    shape |= {"show_x_labels": bool(ranked), "show_y_labels": bool(ranked)}
    percent = {"value_formatter": lambda value: f"{value:.0f} %"} if within else {}
    plain = _plain(dark=dark, empty=empty) | shape | percent
    chart = pygal.HorizontalBar(**plain, show_legend=False, print_values=not within)
    chart.x_labels = [name for name, _ in ranked]
    chart.y_labels = _ticks(100 if within else max(counts.values(), default=0))
    if ranked:
        low_high = within or {}
        chart.add("", [_bar(value, low_high.get(name)) for name, value in ranked])
    return _drawn(chart)


def _bar(value: float, interval: tuple[float, float] | None) -> Any:
    return {"value": value, "ci": {"low": interval[0], "high": interval[1]}} if interval else value


def _ticks(highest: float) -> list[int]:
    """Whole numbers from 0 to beyond the highest, at most seven, in steps that a person would choose; or none."""
    if not highest:
        return []
    step = next(step for power in range(12) for part in (1, 2, 5) if (step := part * 10**power) * 6 >= highest)
    return list(range(0, int(-(-highest // step) * step) + step, step))


def _drawn(chart: Any) -> bytes:
    """The picture without the scripts that pygal puts into every one."""
    tree = chart.render_tree()
    for parent in list(tree.iter()):
        for child in [one for one in parent if str(one.tag).endswith("script")]:
            parent.remove(child)
    return bytes(etree.tostring(tree, encoding="utf-8"))


def _plain(*, dark: bool, colours: Sequence[str] = COLOURS, empty: str = "—") -> dict[str, Any]:
    style = Style(
        background="transparent",
        plot_background="transparent",
        colors=tuple(colours),
        opacity="0.9",
        font_family="system-ui, Noto Sans CJK SC, sans-serif",
        label_font_size=14,
        major_label_font_size=14,
        legend_font_size=14,
        value_font_size=13,
        no_data_font_size=18,
        guide_stroke_dasharray="1,4",
        major_guide_stroke_dasharray="1,4",
        guide_stroke_color="#8a93a0",
        major_guide_stroke_color="#8a93a0",
        value_colors=("#ffffff",) * len(COLOURS),
        **(_DARK if dark else _LIGHT),
    )
    return {
        "style": style,
        "js": [],
        "disable_xml_declaration": True,
        "pretty_print": False,
        "height": 320,
        "width": 720,
        "margin": 8,
        "margin_bottom": 26,
        "legend_at_bottom": True,
        "legend_at_bottom_columns": 3,
        "legend_box_size": 12,
        "truncate_label": -1,
        "truncate_legend": 22,
        "show_minor_x_labels": False,
        "no_data_text": empty,
        "value_formatter": lambda value: f"{value:,.0f}",
    }
