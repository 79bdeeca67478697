"""Pages as careless or hostile shops send them: one function a kind of damage, over the text of a sound page."""

from __future__ import annotations

import re
from collections.abc import Callable

_MACHINE_DATA = re.compile(
    r'<script type="application/ld\+json">.*?</script>|<meta (?:property|itemprop)=[^>]*>', re.DOTALL
)
_MARKS = re.compile(r' (?:class|id|itemprop|itemscope|itemtype|data-[a-z-]+)(?:="[^"]*")?')

# Where a crawl of this shop has no business: other sites, other schemes, somebody's network.
FOREIGN = (
    "http://elsewhere.invalid/item/1.html",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.7/item/2.html",
    "http://[::1]:9/item/3.html",
    "file:///etc/hostname",
    "ftp://elsewhere.invalid/item/4.html",
    "javascript:void(0)",
    "data:text/html,item",
)

_JSON_LD = '<script type="application/ld+json">'


def redesigned(text: str) -> str:
    """The same page for people, with every mark gone that a page function could go by."""
    return _MARKS.sub("", _MACHINE_DATA.sub("", text))


def with_calendar(text: str) -> str:
    """The page with a link to a calendar that goes on for ever."""
    return text.replace("</main>", '<a href="/calendar/2026/3">活动日历</a></main>', 1)


def with_foreign_links(text: str) -> str:
    """The page, or the sitemap, with addresses that nobody should follow from here."""
    links = "".join(f'<a class="item-link" href="{address}">商品</a>' for address in FOREIGN)
    entries = "".join(f"<url><loc>{address}</loc></url>" for address in FOREIGN)
    sitemaps = "".join(f"<sitemap><loc>{address}</loc></sitemap>" for address in FOREIGN)
    text = text.replace("</main>", f"{links}</main>", 1).replace("</urlset>", f"{entries}</urlset>")
    return text.replace("</sitemapindex>", f"{sitemaps}</sitemapindex>")


def _unclosed(text: str) -> str:
    """Closing tags and quotes missing, a stray angle bracket, and the end cut off."""
    text = re.sub(r"</(?:div|li|span|p)>(?=\s)", "", text)
    text = re.sub(r'(class|href)="([^"\s<>]+)"', r"\1=\2", text)
    return text.replace("<main", "< <main", 1).removesuffix("</body>\n</html>")


def _deep(text: str) -> str:
    """Ten thousand elements one inside the other."""
    return text.replace("<main", "<div>" * 10_000 + "<main", 1)


def _attribute(text: str) -> str:
    """An attribute of a megabyte."""
    return text.replace("<main", f'<main data-state="{"x" * 2**20}"', 1)


def _json_ld(text: str) -> str:
    """JSON-LD with comments, a CDATA wrapper and a comma before the closing bracket."""
    text = text.replace(_JSON_LD, f"{_JSON_LD}\n//<![CDATA[\n/* product data */\n")
    return re.sub(r"([}\]])</script>", r",\1\n//]]>\n</script>", text)


def _controls(text: str) -> str:
    """Control characters before the heading, NUL among them."""
    return text.replace("<h1", "\x00\x08\x1b<h1", 1)


BREAKS: dict[str, Callable[[str], str]] = {
    "unclosed": _unclosed,
    "deep": _deep,
    "attribute": _attribute,
    "json_ld": _json_ld,
    "controls": _controls,
}
