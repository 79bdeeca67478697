"""What a style declaration does to the text under it: shown to a buyer, or kept from them. CSS as sellers abuse it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
import re2

Colour = tuple[int, int, int]

_WHITE: Colour = (255, 255, 255)
_NAMED: dict[str, Colour] = {
    "white": _WHITE,
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "whitesmoke": (245, 245, 245),
    "black": (0, 0, 0),
    "red": (255, 0, 0),
    "blue": (0, 0, 255),
    "green": (0, 128, 0),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "yellow": (255, 255, 0),
    "orange": (255, 165, 0),
}
# Colours closer than this in every channel cannot be told apart.
_NEAR = 10
_TINY_PIXELS = 2.0
_TINY_EM = 0.15
_FAR_AWAY = -400.0
_LENGTH = re.compile(r"^\s*(-?\d*\.?\d+)\s*(px|pt|em|rem|ex|vw|vh|%|)")
_HEX = re.compile(r"#([0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b")
_RGB = re2.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)\s*(?:[,/]\s*([\d.]+%?))?")
_SHIFT = re2.compile(r"translate[xy3d]*\(\s*(?:-?[\d.]+\w*\s*,\s*)?(-\d+)")
_CLIPPED = re2.compile(r"rect\(\s*[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01]|inset\(\s*(?:50|100)%")
_NOT_SHOWN = frozenset({
    "sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "hidden", "hide", "d-none", "invisible",
    "offscreen",
})  # fmt: skip


class Look(msgspec.Struct, frozen=True):
    """How text looks at a place in the page. ``is_gone`` cannot be undone further in, the rest can."""

    is_gone: bool = False
    is_invisible: bool = False
    is_tiny: bool = False
    colour: Colour | None = (0, 0, 0)
    background: Colour | None = _WHITE

    @property
    def is_hidden(self) -> bool:
        """Whether a buyer does not see text that looks so."""
        return self.is_gone or self.is_invisible or self.is_tiny or self.colour is None or self._is_camouflaged

    @property
    def _is_camouflaged(self) -> bool:
        if self.colour is None or self.background is None:
            return False
        return all(abs(one - other) <= _NEAR for one, other in zip(self.colour, self.background, strict=True))


def declarations(style: str) -> dict[str, str]:
    """The declarations of a ``style`` attribute, names and values in lower case; the last of a name holds."""
    found = {}
    for declaration in style[:4000].lower().split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            found[name.strip()] = value.replace("!important", "").strip()
    return found


def look_of(above: Look, style: Mapping[str, str], attributes: Mapping[str, str], classes: list[str]) -> Look:
    """How text looks under an element, given how it looks above it."""
    if above.is_gone:
        return above
    if "hidden" in attributes or not _NOT_SHOWN.isdisjoint(classes) or (style and _is_gone(style)):
        return msgspec.structs.replace(above, is_gone=True)
    if not style and not attributes.keys() & {"color", "bgcolor", "size"}:
        return above
    return Look(
        is_invisible=_visibility(style, above.is_invisible),
        is_tiny=_tiny(style, above.is_tiny),
        colour=_colour_after(style.get("color") or attributes.get("color", ""), above.colour),
        background=_background(style, attributes, above.background),
    )


def _is_gone(style: Mapping[str, str]) -> bool:
    if style.get("display") == "none" or style.get("content-visibility") == "hidden":
        return True
    opacity = _number(style.get("opacity", ""))
    if (opacity is not None and opacity < 0.05) or "opacity(0" in style.get("filter", ""):
        return True
    return _is_off_screen(style) or _is_clipped(style)


def _is_off_screen(style: Mapping[str, str]) -> bool:
    placed = style.get("position") in {"absolute", "fixed", "relative"}
    names = ("text-indent", "margin-left", "margin-top", *(("left", "top", "right", "bottom") if placed else ()))
    if any((shift := _number(style.get(name, ""))) is not None and shift <= _FAR_AWAY for name in names):
        return True
    moved = _SHIFT.search(style.get("transform", ""))
    return bool(moved and float(moved.group(1)[:9]) <= _FAR_AWAY) or "scale(0)" in style.get("transform", "")


def _is_clipped(style: Mapping[str, str]) -> bool:
    if _CLIPPED.search(style.get("clip", "")) or _CLIPPED.search(style.get("clip-path", "")):
        return True
    sizes = (_number(style.get(name, "")) for name in ("height", "width", "max-height", "max-width"))
    return "hidden" in style.get("overflow", "") and any(size is not None and size <= 1 for size in sizes)


def _visibility(style: Mapping[str, str], above: bool) -> bool:
    value = style.get("visibility", "")
    return value in {"hidden", "collapse"} if value and value != "inherit" else above


def _tiny(style: Mapping[str, str], above: bool) -> bool:
    found = _LENGTH.search(style.get("font-size", ""))
    if not found:
        return above
    size, unit = float(found.group(1)[:9]), found.group(2)
    limit = _TINY_EM if unit in {"em", "rem", "ex", "vw", "vh"} else 100 * _TINY_EM if unit == "%" else _TINY_PIXELS
    return size <= limit


def _background(style: Mapping[str, str], attributes: Mapping[str, str], above: Colour | None) -> Colour | None:
    """The colour behind the text; none where a picture or gradient may be anything."""
    value = style.get("background-color") or style.get("background") or attributes.get("bgcolor", "")
    if "url(" in value or "gradient" in value or "url(" in style.get("background-image", ""):
        return None
    colour = _colour(value)
    return colour if colour is not None else above


def _colour_after(value: str, above: Colour | None) -> Colour | None:
    """The text's colour; none if it is transparent."""
    value = value.lower()
    if value == "transparent" or _is_transparent(value):
        return None
    return _colour(value) or above


def _is_transparent(value: str) -> bool:
    found = _RGB.search(value)
    return bool(found and found.group(4) and float(found.group(4).rstrip("%")[:9] or 1) < 0.05)


def _colour(value: str) -> Colour | None:
    if found := _HEX.search(value.lower()):
        digits = found.group(1)
        wide = digits if len(digits) >= 6 else "".join(digit * 2 for digit in digits)
        return int(wide[:2], 16), int(wide[2:4], 16), int(wide[4:6], 16)
    if found := _RGB.search(value):
        red, green, blue = (min(255, int(part[:4])) for part in found.groups()[:3])
        return red, green, blue
    words = value.lower().split()
    return next((_NAMED[word] for word in words if word in _NAMED), None)


def _number(value: str) -> float | None:
    found = _LENGTH.search(value)
    return float(found.group(1)[:9]) if found else None
