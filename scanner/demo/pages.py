"""The marketplace's pages as HTML, after the Jinja templates in ``templates/``.

The plain design has no structured data; its classes are stable: ``h1.item-title``, ``.price-now``, ``.stock-count`` or
``.sold-out``, ``.item-brand``, ``.item-sku``, ``.breadcrumb .crumb``, ``img.item-image``, ``.item-attributes th/td``,
``time.item-posted``. On all designs: ``div.item-description``, ``.seller-card[data-seller-id][data-kind]`` with
``.seller-name`` and ``.seller-licences li[data-licence]``, ``.option-group`` with ``.option-name`` and ``.option-values
li``, ``.item-questions`` with ``.question`` and ``.answer``; in lists ``.item-card a.item-link``,
``.total[data-total]``, ``a[rel=next]``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from random import Random

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from scanner.demo import schema_org
from scanner.demo.market import Marketplace
from scanner.demo.records import ShopListing
from scanner.demo.wares import Shelf, load

PAGE_SIZE = 24
_CARDS_KEPT = 40_000

LICENCE_NAMES = {
    "business_licence": "营业执照",
    "brand_authorisation": "品牌授权书",
    "telecom_agent": "电信业务代理授权",
    "prepaid_card_issuer": "预付卡发行备案",
    "game_publisher": "游戏出版运营",
    "iot_card_operator": "物联网卡经营登记",
    "telecom_equipment_cert": "进网许可证",
}
KIND_NAMES = {"person": "个人卖家", "shop": "企业店铺", "brand_store": "品牌店"}
_SYMBOLS = {"CNY": "¥", "USD": "US$"}


def money(item: ShopListing) -> str:
    """The price as a buyer reads it."""
    return f"{_SYMBOLS[item.currency]} {item.price:,.2f}"


def licence_name(licence: str) -> str:
    """The licence as a buyer reads it."""
    return LICENCE_NAMES.get(licence, licence)


@cache
def _environment() -> Environment:
    """The templates, compiled once per process; what depends on a marketplace comes with each rendering."""
    loader = PackageLoader("scanner.demo", "templates")
    jinja = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    jinja.filters |= {"money": money, "licence_name": licence_name, "kind_name": KIND_NAMES.__getitem__}
    return jinja


class Pages:
    """Renders the pages of one marketplace; ``base`` is where it is reached, without a slash at the end."""

    def __init__(self, market: Marketplace, base: str = "") -> None:
        self.market, self.base = market, base
        self._jinja = _environment()
        self._cards: dict[tuple[str, int], Markup] = {}
        style = files("scanner.demo").joinpath("templates", "style.css").read_text(encoding="utf8")
        self._frame = {
            "style": Markup(style),  # noqa: S704 - our own file
            "header": Markup(self._render("header.html", tree=self._tree(), query="")),  # noqa: S704 - escaped by Jinja
            "footer": Markup(self._render("footer.html")),  # noqa: S704 - escaped by Jinja
            "icons": Markup(self._render("icons.html")),  # noqa: S704 - our own file
            "notes": Markup(self._render("notes.html")),  # noqa: S704 - our own file
        }

    def home(self) -> str:
        """The front page: what is new in each department."""
        tops = [shelf for shelf in self.market.shelves.values() if not shelf.parent]
        sections = [(top, self.market.on_shelf(top.slug)[:6]) for top in tops]
        return self._page("home.html", title="首页", sections=sections)

    def item(self, item: ShopListing) -> str:
        """A listing's page, in its design."""
        seller, path = self.market.seller(item.seller_id), self.market.path(item.shelf)
        draw = Random(item.art)
        return self._page(
            f"item_{item.design.value}.html",
            item=item,
            seller=seller,
            path=path,
            url=f"{self.base}/item/{item.id}.html",
            lang="en" if item.lang == "en" else "zh-CN",
            description=Markup(item.description),  # noqa: S704 - sellers write markup, which is the point
            blocks=[Markup(block) for block in schema_org.blocks(item, seller, path, base=self.base)],  # noqa: S704
            was=f"¥ {item.price * 13 / 10:,.2f}" if item.art % 3 == 0 else "",
            reviews=_reviews(item, draw),
            same_shop=[other for other in self.market.by_seller(item.seller_id) if other.id != item.id][:6],
            related=self.market.neighbours(item),
        )

    def shelf(self, slug: str, page: int, *, endless: bool = False) -> str | None:
        """A page of a category, or ``None`` where there is no such page."""
        path = self.market.path(slug)
        below = [shelf for shelf in self.market.shelves.values() if shelf.parent == slug]
        items = self.market.on_shelf(slug)
        return self._list(items, page, f"/c/{slug}?", path[-1].name, path=path, below=below, endless=endless)

    def search(self, query: str, page: int, *, href: str, endless: bool = False) -> str | None:
        """A page of search results, or ``None`` where there is no such page."""
        return self._list(self.market.search(query), page, href, f"搜索：{query}", endless=endless)

    def shop(self, seller_id: str, page: int, *, endless: bool = False) -> str | None:
        """A page of what a seller offers, or ``None`` where there is no such page."""
        seller = self.market.seller(seller_id)
        items = self.market.by_seller(seller_id)
        return self._list(items, page, f"/shop/{seller_id}?", seller.name, seller=seller, endless=endless)

    def app(self, listing_id: str) -> str:
        """The shell of a listing's page that a script fills."""
        return self._render("app.html", id=listing_id)

    def calendar(self, year: int, month: int) -> str:
        """A month of a calendar that has nothing in it and no end."""
        after, before = year * 12 + month, year * 12 + month - 2
        links = [f"/calendar/{months // 12}/{months % 12 + 1}" for months in (before, after)]
        return self._page("calendar.html", title=f"活动日历 {year}-{month:02d}", links=links)

    def notice(self, title: str, text: str, *, kind: str, item: ShopListing | None = None) -> str:
        """A page that says one thing, with other goods below where a listing is gone."""
        related = self.market.neighbours(item, 6) if item else []
        return self._page("notice.html", title=title, text=text, notice=kind, related=related)

    def _list(
        self, items: list[ShopListing], page: int, href: str, title: str, *, endless: bool, **more: object
    ) -> str | None:
        """A page of a list; an endless one goes on for ever with goods that were shown before."""
        pages = max(1, -(-len(items) // PAGE_SIZE))
        if page < 1 or (page > pages and not endless):
            return None
        start = (page - 1) % pages * PAGE_SIZE
        shown: dict[str, object] = {"path": (), "below": [], "seller": None} | more
        last = page + 1 if endless else pages
        total = len(items)
        found = items[start : start + PAGE_SIZE]
        return self._page("list.html", title=title, href=href, page=page, pages=last, total=total, items=found, **shown)

    def _card(self, item: ShopListing) -> Markup:
        """A listing's card in lists, kept because each is on many pages."""
        key = item.id, item.version
        if key not in self._cards:
            if len(self._cards) >= _CARDS_KEPT:
                self._cards.clear()
            shop = self.market.seller(item.seller_id)
            self._cards[key] = Markup(self._render("card.html", item=item, shop=shop))  # noqa: S704 - escaped by Jinja
        return self._cards[key]

    def _page(self, template: str, **values: object) -> str:
        return self._render(template, **(self._frame | {"base": self.base, "card": self._card} | values))

    def _render(self, template: str, **values: object) -> str:
        return self._jinja.get_template(template).render(values)

    def _tree(self) -> list[tuple[Shelf, list[tuple[str, str]]]]:
        """The departments, each with all that is below it, indented."""
        shelves = self.market.shelves.values()
        tops = [shelf for shelf in shelves if not shelf.parent]
        return [
            (top, [(s.slug, s.name) for s in shelves if s.slug in self.market.branches(top.slug) and s is not top])
            for top in tops
        ]


def _reviews(item: ShopListing, draw: Random) -> list[tuple[str, int, str]]:
    """What buyers wrote: the same for the same goods, and never by the seller."""
    common = load().common
    phrases = common.phrases(item.lang).reviews
    texts = draw.choices(phrases, k=min(int(draw.paretovariate(1.2)) + 2, 70))
    return [
        (f"用户***{draw.randrange(1000):03d}", draw.choice((3, 4, 4, 5, 5, 5)), _plain(text, common.slots, draw))
        for text in texts
    ]


def _plain(text: str, slots: dict[str, tuple[str, ...]], draw: Random) -> str:
    for slot in ("courier", "n"):
        text = text.replace(f"{{{slot}}}", draw.choice(slots[slot]))
    return text
