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
COLOURS = ("#2f6299", "#b3261e", "#1b7f47", "#b26a00", "#6a4fa3", "#008299", "#8a5a44", "#5b6470")
_LIGHT = {"foreground": "#1a1f26", "foreground_strong": "#1a1f26", "foreground_subtle": "#9aa3ae"}
_DARK = {"foreground": "#e4e8ed", "foreground_strong": "#ffffff", "foreground_subtle": "#525c69"}


def lines(
    days: Sequence[str], series: Mapping[str, Sequence[float]], *, title: str, dark: bool = False, stacked: bool = False
) -> bytes:
    """One line for each name over the days, or one stacked area."""
    kind = pygal.StackedLine if stacked else pygal.Line
    chart = kind(**_plain(title, dark), show_dots=False, fill=stacked, show_minor_x_labels=False)
    chart.x_labels = list(days)
    chart.x_labels_major = list(days)[:: max(1, len(days) // 6)]
    for name, values in series.items():
        chart.add(name, list(values))
    return _drawn(chart)


def bars(counts: Mapping[str, float], *, title: str, dark: bool = False) -> bytes:
    """A bar for each name, the longest first."""
    ranked = sorted(counts.items(), key=lambda pair: pair[1])
    chart = pygal.HorizontalBar(**_plain(title, dark), show_legend=False, print_values=True)
    chart.x_labels = [name for name, _ in ranked]
    chart.add("", [value for _, value in ranked])
    return _drawn(chart)


def _drawn(chart: Any) -> bytes:
    """The picture without the scripts that pygal puts into every one."""
    tree = chart.render_tree()
    for parent in list(tree.iter()):
        for child in [one for one in parent if str(one.tag).endswith("script")]:
            parent.remove(child)
    return bytes(etree.tostring(tree, encoding="utf-8"))


def _plain(title: str, dark: bool) -> dict[str, Any]:
    style = Style(
        background="transparent",
        plot_background="transparent",
        colors=COLOURS,
        font_family="system-ui, sans-serif",
        label_font_size=13,
        major_label_font_size=13,
        legend_font_size=14,
        title_font_size=16,
        value_font_size=12,
        **(_DARK if dark else _LIGHT),
    )
    return {
        "title": title,
        "style": style,
        "js": [],
        "disable_xml_declaration": True,
        "pretty_print": False,
        "height": 300,
        "width": 720,
        "legend_at_bottom": True,
        "legend_at_bottom_columns": 4,
        "show_y_guides": True,
        "no_data_text": "—",
    }
