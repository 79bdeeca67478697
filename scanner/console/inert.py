"""A captured page made inert before a browser gets it: what could run, load, submit or lead elsewhere is taken out.

The frame's policy forbids all of that as well (``EVIDENCE_POLICY``); this is the second lock. What is left is text,
layout and inline style: what a buyer read. The bytes as they were captured stay in the evidence.
"""

from __future__ import annotations

from typing import Any

import re2
from lxml import etree, html

# A page is cut off beyond this size: it is to be looked at, not archived.
MOST_BYTES = 4 * 2**20
_OUT = (
    "script", "noscript", "template", "iframe", "frame", "frameset", "object", "embed", "applet", "link", "base",
    "meta", "audio", "video", "source", "track", "portal", "dialog", "math", "svg",
)  # fmt: skip
# Attributes that only lay out or describe; every other one goes.
_KEPT = frozenset(
    {"class", "id", "style", "title", "alt", "lang", "dir", "colspan", "rowspan", "width", "height", "align", "hidden",
     "value", "placeholder", "type", "open", "start", "disabled", "checked", "selected", "name"}
)  # fmt: skip
_IMPORT = re2.compile(r"(?i)@import[^;]*;?")
_ADDRESS = re2.compile(r"(?i)(?:url|image-set|image|cross-fade)\s*\([^)]*\)?")
_FRAME = (
    '<!doctype html><html><head><meta charset="utf-8"><title>Saved page</title>'
    "<style>body{{font:14px/1.5 sans-serif;margin:12px;overflow-wrap:anywhere}}img{{max-width:100%}}</style>"
    "{styles}</head>{body}</html>"
)


def inert_page(content: bytes, content_type: str = "") -> bytes:
    """The page without anything that acts, as UTF-8. Never raises: what cannot be parsed is shown as text."""
    cut = content[:MOST_BYTES]
    try:
        tree = html.document_fromstring(cut, parser=_parser(content_type))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, LookupError):
        return _as_text(cut)
    styles = "".join(_style(node) for node in tree.iter("style"))
    body = tree.find("body")
    if body is None:
        return _as_text(cut)
    for node in list(body.iter()):
        _disarm(node)
    return _FRAME.format(styles=styles, body=html.tostring(body, encoding="unicode")).encode()


def _parser(content_type: str) -> html.HTMLParser:
    _, _, charset = content_type.lower().partition("charset=")
    name = charset.strip(" \"';") or None
    try:
        "".encode(name or "utf8")
    except LookupError:
        name = None
    return html.HTMLParser(encoding=name, no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)


def _style(node: Any) -> str:
    """Inline style sheets stay, without what they would load: they decide what a buyer saw."""
    text = (node.text or "").replace("<", "")
    return f"<style>{_unloaded(text)}</style>"


def _unloaded(css: str) -> str:
    """Style without addresses. One that is written to pass by this loads nothing either: the policy forbids it."""
    unloaded: str = _ADDRESS.sub("none", _IMPORT.sub("", css))
    return unloaded


def _disarm(node: Any) -> None:
    if not isinstance(node.tag, str) or node.tag in _OUT or node.tag == "style":
        if node.getparent() is not None:
            node.drop_tree() if hasattr(node, "drop_tree") else node.getparent().remove(node)
        return
    if node.tag == "img":
        _name_image(node)
    for name in [name for name in node.attrib if name not in _KEPT]:
        del node.attrib[name]
    if "style" in node.attrib:
        node.set("style", _unloaded(node.get("style")))
    if node.tag == "form":
        node.tag = "div"


def _name_image(node: Any) -> None:
    """A picture is not loaded; where it was is told."""
    node.tag = "span"
    node.text = f"[{node.get('alt') or node.get('src', '')[:120] or 'image'}]"


def _as_text(content: bytes) -> bytes:
    text = html.Element("pre")
    text.text = "".join(one for one in content.decode("utf8", "replace") if one in "\n\t" or one.isprintable())
    return _FRAME.format(styles="", body=f"<body>{html.tostring(text, encoding='unicode')}</body>").encode()
