"""From a pattern to the text of one offer: slots filled, tells disguised, the description as an HTML fragment."""

from __future__ import annotations

import re
from decimal import Decimal
from html import escape
from random import Random

import msgspec

from scanner.demo.disguise import Tactic, bare, disguise
from scanner.demo.wares import Goods, Pattern, Wares

_SLOT = re.compile(r"\{(\w+)\}")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a seller writes. ``description`` is an HTML fragment; everything else is plain text."""

    title: str
    description: str
    options: dict[str, tuple[str, ...]]
    attributes: dict[str, str]
    questions: tuple[tuple[str, str], ...]
    price: Decimal
    stock: int
    lang: str
    shelf: str
    brand: str


class Pen:
    """Fills slots and disguises tells, the same way throughout one offer."""

    def __init__(self, goods: Goods, wares: Wares, tactic: Tactic, draw: Random) -> None:
        self._slots = wares.common.slots | goods.slots
        self._chosen: dict[str, str] = {}
        self._table = wares.disguises
        self._tactic = tactic
        self._draw = draw

    def write(self, text: str, *, openly: bool = False) -> str:
        """``text`` with its slots filled and its tells disguised, or written ``openly``."""
        filled = _SLOT.sub(lambda match: self._fill(match[1]), text)
        return bare(filled) if openly else disguise(filled, self._tactic, self._table, self._draw)

    def _fill(self, slot: str) -> str:
        """The value of a slot; ``colour2`` is another choice from ``colour``, different from those before."""
        if slot not in self._chosen:
            name = slot.rstrip("0123456789")
            taken = {value for other, value in self._chosen.items() if other.rstrip("0123456789") == name}
            values = [value for value in self._slots[name] if value not in taken]
            self._chosen[slot] = _SLOT.sub(lambda match: self._fill(match[1]), self._draw.choice(values))
        return self._chosen[slot]


def compose(pattern: Pattern, goods: Goods, *, wares: Wares, draw: Random, tactic: Tactic = Tactic.PLAIN) -> Draft:
    """Write one offer after ``pattern``, each time differently."""
    pen = Pen(goods, wares, tactic, draw)
    phrases = wares.common.phrases(pattern.lang)
    attributes = {pen.write(name): pen.write(value) for name, value in pattern.attributes.items()}
    questions = [*pattern.questions, *draw.sample(phrases.questions, draw.randint(0, 2))]
    paragraphs = [pen.write(text) for text in _some(pattern.texts, draw)]
    service = [pen.write(text) for text in draw.sample(phrases.service, draw.randint(4, 8))]
    keywords = " ".join(draw.sample(phrases.keywords, 4)) if draw.random() < 0.03 else ""
    return Draft(
        title=pen.write(draw.choice(pattern.titles)),
        description=fragment(paragraphs, service, attributes, draw, hidden=keywords),
        options={
            pen.write(name): tuple(pen.write(value) for value in values) for name, values in pattern.options.items()
        },
        attributes=attributes,
        questions=tuple((pen.write(question), pen.write(answer)) for question, answer in questions),
        price=_price(pattern.price, draw),
        stock=draw.randint(*pattern.stock),
        lang=pattern.lang,
        shelf=pattern.shelf or goods.shelf,
        brand=pen.write(pattern.brand),
    )


def smuggle(cover: Draft, pattern: Pattern, goods: Goods, *, wares: Wares, draw: Random) -> Draft:
    """The cover offer, with the prohibited one written as the name of an option."""
    pen = Pen(goods, wares, Tactic.PLAIN, draw)
    lines = [pen.write(line) for line in (pattern.short or pattern.titles)]
    axis, harmless = next(
        iter(cover.options.items()), ("款式", ("标准款",)) if cover.lang == "zh" else ("Style", ("Standard",))
    )
    mixed = (*harmless[:2], *draw.sample(lines, min(len(lines), draw.randint(1, 2))))
    return msgspec.structs.replace(cover, options=cover.options | {axis: mixed}, price=_price(pattern.price, draw))


def conceal(cover: Draft, pattern: Pattern, goods: Goods, *, wares: Wares, draw: Random) -> Draft:
    """The cover offer, with the prohibited one in its description where a buyer does not see it and a search does."""
    pen = Pen(goods, wares, Tactic.PLAIN, draw)
    text = " ".join(pen.write(text) for text in (draw.choice(pattern.titles), draw.choice(pattern.texts)))
    hidden = hide_from_buyers(escape(text), draw)
    return msgspec.structs.replace(cover, description=f"{cover.description}\n{hidden}")


def hide_from_buyers(markup: str, draw: Random) -> str:
    """``markup`` in an element that browsers do not show."""
    style = draw.choice(_HIDING)
    return f'<div style="{style}">{markup}</div>'


_HIDING = (
    "display:none",
    "color:#fff;background-color:#fff",
    "font-size:0",
    "visibility: hidden",
    "position:absolute;left:-9999px",
    "display: none !important",
)


def _some(texts: tuple[str, ...], draw: Random) -> list[str]:
    """At least two of the texts, in their order."""
    count = draw.randint(min(2, len(texts)), len(texts))
    return [texts[i] for i in sorted(draw.sample(range(len(texts)), count))]


def _price(bounds: tuple[float, float], draw: Random) -> Decimal:
    """A price within bounds that looks like one: whole, or ending in .8, .9 or .99."""
    whole = draw.uniform(*bounds)
    if whole >= 200:
        return Decimal(round(whole)).quantize(Decimal("0.01"))
    ending = draw.choice((Decimal(0), Decimal("0.5"), Decimal("0.8"), Decimal("0.9"), Decimal("0.99")))
    return (Decimal(int(whole)) + (ending or Decimal("0.01") * (whole < 1))).quantize(Decimal("0.01"))


def fragment(
    paragraphs: list[str], service: list[str], attributes: dict[str, str], draw: Random, *, hidden: str = ""
) -> str:
    """A description in HTML as sellers paste them: centred, coloured, listed or in a table, with pictures between."""
    parts = [_wrap(escape(text), draw) for text in paragraphs]
    parts.insert(1, '<p><img class="lazy" src="/img/detail-banner.png" alt="" width="750" height="120"></p>')
    if attributes and draw.random() < 0.5:
        parts.append(_table(attributes))
    if hidden:
        parts.append(hide_from_buyers(escape(hidden), draw))
    parts.append("<ul>" + "".join(f"<li>{escape(text)}</li>" for text in service) + "</ul>")
    return "\n".join(parts)


def _wrap(text: str, draw: Random) -> str:
    return draw.choice(_WRAPS).format(text)


_WRAPS = (
    "<p>{}</p>",
    "<p>{}</p>",
    '<p style="text-align:center"><strong>{}</strong></p>',
    '<div style="line-height:1.8"><span style="color:#c0392b;font-size:16px">{}</span></div>',
    '<p><font color="#333333">{}</font><br></p>',
    "<h3>{}</h3>",
)


def _table(attributes: dict[str, str]) -> str:
    rows = "".join(f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in attributes.items())
    return f'<table border="1" cellpadding="4"><tbody>{rows}</tbody></table>'
