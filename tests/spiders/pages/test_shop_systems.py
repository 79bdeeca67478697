"""Pages as well-known shop systems lay them out, a few lines each, are read by the generic chain alone."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import pytest

from scanner.model import Listing
from spiders.pages import Page, read_page


class Shop(NamedTuple):
    """A page of a shop system, where it stands, and what it says: title, price, currency, stock, brand, sku."""

    url: str
    head: str
    body: str
    says: tuple[str, str, str, str, str, str]


IN, OUT, PRE = "in_stock", "out_of_stock", "preorder"
MENU = '<header><nav><a href="/c/1">Sale from $5.00</a><a href="/cart">Cart 0,00</a></nav></header>'
CARDS = '<section class="related-products">' + "".join(
    f'<div class="product-card"><a href="/p/{n}">Other goods {n}</a><span class="price">$ {n}.49</span></div>'
    for n in range(3, 8)
) + "</section><footer>© Shop, free delivery from $ 50</footer>"  # fmt: skip

SHOPS = {
    "shopify theme without structured data": Shop(
        "https://thread.example/products/linen-shirt",
        '<title>Linen Shirt – Thread &amp; Co</title><meta property="og:type" content="product">'
        '<meta property="og:title" content="Linen Shirt"><meta property="og:price:amount" content="1,049.00">'
        '<meta property="og:price:currency" content="USD">',
        '<h1 class="product__title">Linen Shirt</h1><p class="product__vendor">Thread</p><div class="price">'
        '<s class="price-item--regular">$1,200.00</s><span class="price-item price-item--sale">$1,049.00</span></div>'
        '<button type="submit" name="add" disabled>Sold out</button>'
        '<script type="application/json" data-product-json>{"id":77,"title":"Linen Shirt","vendor":"Thread",'
        '"price":104900,"available":false,"variants":[{"id":1,"sku":"LS-001","price":104900,"available":false}]}'
        "</script>",
        ("Linen Shirt", "1049.00", "USD", OUT, "Thread", "LS-001"),
    ),
    "shopify state in cents alone": Shop(
        "https://lampen.example/products/desk-lamp",
        "<title>Desk lamp Aurora</title>",
        '<h1>Desk lamp Aurora</h1><div id="app"></div><script>var meta = {"product":{"id":99,"vendor":"Lux",'
        '"type":"Lamps","variants":[{"id":5,"price":4990,"name":"Desk lamp Aurora","public_title":null,'
        '"sku":"AUR-9"}]},"page":{"currency":"EUR"}};</script><span class="money">49,90 €</span>'
        '<button name="add">Add to cart</button>',
        ("Desk lamp Aurora", "49.90", "EUR", IN, "Lux", "AUR-9"),
    ),
    "woocommerce classic theme": Shop(
        "https://tee.example/produkt/gruener-tee/",
        "<title>Grüner Tee Sencha – Teehaus</title>",
        '<div class="product"><h1 class="product_title entry-title">Grüner Tee Sencha</h1><p class="price"><del>'
        '<span class="woocommerce-Price-amount amount"><bdi>1.499,00&nbsp;<span>&euro;</span></bdi></span></del> <ins>'
        '<span class="woocommerce-Price-amount amount"><bdi>1.299,00&nbsp;<span>&euro;</span></bdi></span></ins></p>'
        '<p class="stock in-stock">Vorrätig</p><button class="single_add_to_cart_button">In den Warenkorb</button>'
        '<span class="sku_wrapper">Artikelnummer: <span class="sku">TEE-0042</span></span>'
        '<table class="woocommerce-product-attributes"><tr><th>Marke</th><td><p>Sakura</p></td></tr></table></div>',
        ("Grüner Tee Sencha", "1299.00", "EUR", IN, "Sakura", "TEE-0042"),
    ),
    "magento 2 with microdata": Shop(
        "https://gear.example/joust-duffle-bag.html",
        "<title>Joust Duffle Bag</title>",
        '<main itemscope itemtype="http://schema.org/Product"><h1><span itemprop="name">Joust Duffle Bag</span></h1>'
        '<div itemprop="offers" itemscope itemtype="http://schema.org/Offer"><span data-price-amount="34" '
        'class="price-wrapper"><span class="price">$34.00</span></span><meta itemprop="price" content="34">'
        '<meta itemprop="priceCurrency" content="USD"></div><div class="stock available" title="Availability">'
        '<span>In stock</span></div><div class="product attribute sku"><strong class="type">SKU</strong>'
        '<div class="value" itemprop="sku">24-MB01</div></div><table id="product-attribute-specs-table"><tr>'
        '<th class="col label">Manufacturer</th><td class="col data">Fusion</td></tr></table></main>',
        ("Joust Duffle Bag", "34", "USD", IN, "Fusion", "24-MB01"),
    ),
    "prestashop": Shop(
        "https://boutique.example/fr/accueil/12-mug-renard.html",
        '<title>Mug Renard</title><meta property="og:type" content="product"><meta property="product:price:amount" '
        'content="12.5"><meta property="product:price:currency" content="EUR">',
        '<h1 class="h1">Mug Renard</h1><div class="current-price"><span class="current-price-value" content="12.5">'
        '12,50 €</span></div><span id="product-availability">Rupture de stock</span><div class="product-manufacturer">'
        '<label class="label">Marque</label><span><a href="/fr/brand/1">Studio Design</a></span></div>'
        '<div class="product-reference"><label class="label">Référence </label><span>demo_11</span></div>',
        ("Mug Renard", "12.5", "EUR", OUT, "Studio Design", "demo_11"),
    ),
    "opencart": Shop(
        "https://store.example/index.php?route=product/product&product_id=40",
        "<title>Phone Nine</title>",
        '<h1>Phone Nine</h1><ul class="list-unstyled"><li>Brand: <a href="/apple">Pear</a></li><li>Product Code: '
        "product 11</li><li>Availability: In Stock</li></ul><ul class='list-unstyled'><li><h2>$123.20</h2></li>"
        '<li>Ex Tax: $101.00</li></ul><button id="button-cart">Add to Cart</button>',
        ("Phone Nine", "123.20", "USD", IN, "Pear", "product 11"),
    ),
    "bigcommerce": Shop(
        "https://cornerstone.example/oak-cheese-grater/",
        '<title>[Sample] Oak Cheese Grater - Store</title><meta property="product:price:amount" content="34.95">'
        '<meta property="product:price:currency" content="AUD"><meta property="og:availability" content="oos">',
        '<div class="productView"><h1 class="productView-title">[Sample] Oak Cheese Grater</h1><h2 '
        'class="productView-brand"><a href="/b"><span>OFS</span></a></h2><span class="price price--withoutTax">$34.95'
        '</span><dl class="productView-info"><dt class="productView-info-name">SKU:</dt><dd '
        'class="productView-info-value">OCG</dd></dl></div>',
        ("[Sample] Oak Cheese Grater", "34.95", "AUD", OUT, "OFS", "OCG"),
    ),
    "youzan state": Shop(
        "https://shop1.youzan.example/v2/goods/3f2a",
        "<title>手工皮具钱包</title>",
        '<div id="app"></div><script>window._global = {"goods":{"title":"手工皮具钱包","price":"128.00",'
        '"origin":"","goodsNo":"PJ-88","stock_num":12,"isSoldOut":false,"currency":"CNY"}};</script>'
        "<h1>手工皮具钱包</h1><p>¥128.00</p><button>立即购买</button>",
        ("手工皮具钱包", "128.00", "CNY", IN, "", "PJ-88"),
    ),
    "taobao-like, nothing marked up": Shop(
        "https://item.market.example/item.htm?id=675012345678",
        "<title>夏季薄款冰丝凉席-某某网</title>",
        '<div class="ItemTitle--root"><h1>夏季薄款冰丝凉席</h1></div><div class="Price--extra"><span '
        'class="Price--unit">￥</span><span class="Price--text">1,299</span></div><div>价格<del>¥1,599.00</del></div>'
        '<div>库存 有货</div>'
        '<ul class="attributes-list"><li title="凉之夏">品牌: 凉之夏</li><li>货号: LZX-2026</li></ul>'
        "<button>加入购物车</button>",
        ("夏季薄款冰丝凉席", "1299", "CNY", IN, "凉之夏", "LZX-2026"),
    ),
    "1688-like, price by quantity": Shop(
        "https://detail.wholesale.example/offer/601234567890.html",
        "<title>不锈钢保温杯批发</title>",
        '<h1 class="title-text">不锈钢保温杯批发</h1><div class="price-list"><div class="price-item"><span '
        'class="price-text"><em>¥</em>12.50</span><span>2-99个</span></div><div class="price-item"><span '
        'class="price-text"><em>¥</em>10.80</span><span>≥100个</span></div></div>'
        "<table><tr><td>品牌</td><td>思宝</td><td>货号</td><td>SB-500</td></tr></table><button>立即订购</button>",
        ("不锈钢保温杯批发", "12.50", "CNY", IN, "思宝", "SB-500"),
    ),
    "classifieds, swedish": Shop(
        "https://annonser.example.se/annons/cykel-87654321",
        "<title>Cykel Crescent 28 tum | Annonser</title>",
        '<article><h1>Cykel Crescent 28 tum</h1><div data-testid="price" class="css-1x">1 299 kr</div><dl>'
        "<dt>Märke</dt><dd>Crescent</dd></dl><button>Köp nu</button></article>",
        ("Cykel Crescent 28 tum", "1299", "SEK", IN, "Crescent", "87654321"),
    ),
    "rdfa": Shop(
        "https://rdfa.example/p/anvil",
        "<title>Anvil</title>",
        '<div vocab="https://schema.org/" typeof="Product"><h1 property="name">Executive Anvil</h1><span '
        'property="brand" typeof="Brand"><span property="name">ACME</span></span><span property="sku">AN-1</span>'
        '<div property="offers" typeof="Offer"><span property="priceCurrency" content="GBP">£</span><span '
        'property="price" content="1119.99">1,119.99</span><link property="availability" '
        'href="https://schema.org/PreOrder"></div></div>',
        ("Executive Anvil", "1119.99", "GBP", PRE, "ACME", "AN-1"),
    ),
    "rdfa with prefixes": Shop(
        "https://rdfa.example/p/kettle",
        "<title>Kettle</title>",
        '<div typeof="schema:Product"><h1 property="schema:name">Kettle</h1><div rel="schema:offers"><div '
        'typeof="schema:Offer"><meta property="schema:price" content="24.00"><meta property="schema:priceCurrency" '
        'content="EUR"><link property="schema:availability" href="http://schema.org/OutOfStock"></div></div></div>',
        ("Kettle", "24.00", "EUR", OUT, "", ""),
    ),
    "next.js state": Shop(
        "https://next.example/product/sony-wh1000",
        "<title>WH-1000 Headphones</title>",
        '<div id="__next"><h1>WH-1000 Headphones</h1></div><script id="__NEXT_DATA__" type="application/json">'
        '{"props":{"pageProps":{"product":{"name":"WH-1000 Headphones","brand":{"name":"Sonia"},"sku":"WH1000B",'
        '"price":{"value":349.5,"currency":"EUR"},"stock":{"status":"IN_STOCK"}},'
        '"similar":[{"name":"Cable","price":{"value":9.5,"currency":"EUR"}}]}}}</script>',
        ("WH-1000 Headphones", "349.5", "EUR", IN, "Sonia", "WH1000B"),
    ),
    "nuxt state": Shop(
        "https://nuxt.example/tuote/12345",
        "<title>Retkikeitin Tuli</title>",
        "<h1>Retkikeitin Tuli</h1><script>window.__INITIAL_STATE__={product:{details:{title:'Retkikeitin Tuli',"
        "brandName:'Savu',productCode:'SV-77',pricing:{current:{amount:89.9,currencyCode:'EUR'}},"
        "availability:'InStock'}}}</script>",
        ("Retkikeitin Tuli", "89.9", "EUR", IN, "Savu", "SV-77"),
    ),
    "analytics only": Shop(
        "https://ga.example/p/boots",
        "<title>Winter Boots</title>",
        "<h1>Winter Boots</h1><script>dataLayer.push({'ecommerce':{'currencyCode':'PLN','detail':{'products':["
        "{'name':'Winter Boots','id':'WB-12','price':'399.00','brand':'Zima'}]}}});</script>"
        "<p>Produkt niedostępny</p>",
        ("Winter Boots", "399.00", "PLN", OUT, "Zima", "WB-12"),
    ),
    "rupees, words for stock": Shop(
        "https://bazaar.example.in/p/pressure-cooker-AB12345",
        "<title>Pressure Cooker 5L</title>",
        '<h1>Pressure Cooker 5L</h1><div class="_30jeq3">Rs. 2,499.00</div><div class="_3I9_wc">Rs. 3,100.00</div>'
        "<div>MRP <s>Rs. 3,100.00</s></div><div>Currently unavailable</div>"
        "<table><tr><td>Brand Name</td><td>Kook</td></tr><tr><td>Model Number</td><td>KK-5L</td></tr></table>",
        ("Pressure Cooker 5L", "2499.00", "INR", OUT, "Kook", "KK-5L"),
    ),
    "swiss francs, apostrophe": Shop(
        "https://uhren.example.ch/uhr/42",
        "<title>Taucheruhr 300m</title>",
        "<h1>Taucheruhr 300m</h1><p class='preis'>CHF 1'299.–</p><p>Sofort lieferbar</p><p>Hersteller: Bergzeit</p>"
        "<p>Artikel-Nr.: BZ-300</p>",
        ("Taucheruhr 300m", "1299", "CHF", IN, "Bergzeit", "BZ-300"),
    ),
    "yen, sold out in japanese": Shop(
        "https://mise.example.jp/item/888001",
        "<title>急須 常滑焼</title>",
        '<h1>急須 常滑焼</h1><p class="price">3,980円（税込）</p><p>在庫切れ</p><dl><dt>ブランド</dt><dd>常滑</dd>'
        "<dt>商品番号</dt><dd>TK-0088</dd></dl>",
        ("急須 常滑焼", "3980", "JPY", OUT, "常滑", "TK-0088"),
    ),
    "brazilian reais": Shop(
        "https://loja.example.com.br/produto/cafeteira",
        "<title>Cafeteira Italiana</title>",
        '<h1>Cafeteira Italiana</h1><span class="preco-antigo">R$ 199,90</span><strong class="preco-por">R$ 1.149,90'
        '</strong><p>em 10x de R$ 114,99</p><button>Comprar</button><p>Marca: Bela</p><p>Código: 10-2233</p>',
        ("Cafeteira Italiana", "1149.90", "BRL", IN, "Bela", "10-2233"),
    ),
    "json-ld variants under a group": Shop(
        "https://group.example/p/shirt-red",
        '<title>Shirt red</title><script type="application/ld+json">{"@context":"https://schema.org","@type":'
        '"ProductGroup","name":"Shirt","brand":{"@type":"Brand","name":"Kleid"},"hasVariant":[{"@type":"Product","name":'
        '"Shirt red","sku":"S-R","offers":{"@type":"Offer","url":"https://group.example/p/shirt-red","price":"19.5",'
        '"priceCurrency":"DKK","availability":"https://schema.org/LimitedAvailability"}}]}</script>',
        "<h1>Shirt red</h1><p>19,50 kr.</p>",
        ("Shirt", "19.5", "DKK", IN, "Kleid", "S-R"),
    ),
    "json-ld with a price as people write it": Shop(
        "https://moebel.example.de/sofa",
        '<title>Sofa Nordlicht</title><script type="application/ld+json">{"@type":["Product"],"name":"Sofa Nordlicht",'
        '"mpn":"N-1","manufacturer":"Holz &amp; Co","offers":[{"@type":"http://schema.org/Offer","price":"1.299,00 €",'
        '"availability":"http://schema.org/BackOrder"}]}</script>',
        "<h1>Sofa Nordlicht</h1>",
        ("Sofa Nordlicht", "1299.00", "EUR", PRE, "Holz & Co", "N-1"),
    ),
    "microdata with words for values": Shop(
        "https://sklep.example.pl/czajnik",
        "<title>Czajnik</title>",
        '<div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">Czajnik</h1><div itemprop="offers" '
        'itemscope itemtype="https://schema.org/Offer"><span itemprop="price">2 499,99 zł</span><span '
        'itemprop="availability">Brak w magazynie</span></div><span itemprop="brand" itemscope><b itemprop="name">Para'
        '</b></span><i itemprop="productID">sku:CZ-9</i></div>',
        ("Czajnik", "2499.99", "PLN", OUT, "Para", "CZ-9"),
    ),
    "twitter card": Shop(
        "https://card.example/p/mug",
        '<title>Stone Mug</title><meta name="twitter:title" content="Stone Mug"><meta name="twitter:label1" content='
        '"Price"><meta name="twitter:data1" content="$18.00"><meta name="twitter:label2" content="Availability">',
        "<h1>Stone Mug</h1><button>Add to bag</button>",
        ("Stone Mug", "18.00", "USD", IN, "", ""),
    ),
    "state inside JSON.parse": Shop(
        "https://spa.example/p/9001",
        "<title>Trail Shoe</title>",
        "<h1>Trail Shoe</h1><script>window.__STATE__ = JSON.parse('{\"item\":{\"title\":\"Trail Shoe\",\"brand\":"
        "{\"name\":\"Fell\"},\"sku\":\"TS-44\",\"prices\":{\"current\":{\"value\":120.0,\"currency\":\"EUR\"}},"
        "\"soldOut\":true}}');</script>",
        ("Trail Shoe", "120.0", "EUR", OUT, "Fell", "TS-44"),
    ),
    "old shop of tables": Shop(
        "http://alt.example.cz/detail.php?id=771234",
        "<title>Vrtačka příklepová</title>",
        "<table><tr><td><h1>Vrtačka příklepová</h1></td></tr><tr><td>Cena s DPH:</td><td><b>1 890 Kč</b></td></tr>"
        "<tr><td>Výrobce:</td><td>Silák</td></tr><tr><td>Kód zboží:</td><td>VP-771</td></tr><tr><td>Dostupnost:</td>"
        "<td>skladem</td></tr></table><input type=submit value='Do košíku'>",
        ("Vrtačka příklepová", "1890", "CZK", IN, "Silák", "VP-771"),
    ),
    "korean, won behind the number": Shop(
        "https://shop.example.kr/goods/view?no=4411",
        "<title>면 티셔츠</title>",
        "<h2 class='name'>면 티셔츠</h2><p class='sale_price'>29,000원</p><p>품절</p><ul><li><span>브랜드</span>"
        "<span>코튼랩</span></li></ul>",
        ("면 티셔츠", "29000", "KRW", OUT, "코튼랩", ""),
    ),
    "russian classifieds": Shop(
        "https://doska.example.ru/item/velosiped_99887766",
        "<title>Велосипед горный купить</title>",
        "<h1>Велосипед горный</h1><span itemprop='price' content='15500'>15 500 ₽</span><p>Производитель: Стелс</p>"
        "<p>В наличии</p>",
        ("Велосипед горный", "15500", "RUB", IN, "Стелс", "99887766"),
    ),
    "price attribute on a custom element": Shop(
        "https://wc.example/de/p/55555",
        "<title>Gartenstuhl Eiche</title>",
        '<h1>Gartenstuhl Eiche</h1><div class="pdp"><div data-price="79.95" data-currency="EUR" data-sku="GS-5"></div>'
        '<span class="product-price__value">79<sup>,95</sup> €</span><span>Nicht auf Lager</span></div>',
        ("Gartenstuhl Eiche", "79.95", "EUR", OUT, "", "GS-5"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHOPS)
def test_shop_systems_are_read(name: str) -> None:
    """Title, price, currency, stock, brand and article number, with other goods, menus and footers around them."""
    shop = SHOPS[name]
    body = f"<!doctype html><html><head>{shop.head}</head><body>{MENU}{shop.body}{CARDS}</body></html>"
    found = read_page(Page(body=body.encode(), url=shop.url), platform="shop")
    assert isinstance(found, Listing), found
    title, price, currency, stock, brand, sku = shop.says
    assert (found.title, found.price, found.currency, str(found.availability)) == (
        title, Decimal(price), currency, stock), found.provenance  # fmt: skip
    assert not brand or found.brand == brand, found.provenance
    assert not sku or found.sku == sku, found.provenance
