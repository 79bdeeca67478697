"""Words by which shops name things, in the languages of the shops that we meet. Data, lower case; add freely."""

from __future__ import annotations

# Labels in front of a value.
BRAND_LABELS = frozenset({
    "brand", "brand name", "manufacturer", "make", "maker", "marke", "hersteller", "marque", "fabricant", "marca",
    "fabricante", "produttore", "značka", "výrobce", "výrobca", "proizvajalec", "blagovna znamka", "proizvođač",
    "marka", "producent", "merk", "märke", "varemerke", "mærke", "merkki", "valmistaja", "bränd", "kaubamärk",
    "tootja", "prekės ženklas", "gamintojas", "ražotājs", "zīmols", "gyártó", "márka", "producător", "бренд",
    "производитель", "марка", "виробник", "торговая марка", "品牌", "商标", "厂商", "ブランド", "メーカー",
    "브랜드", "제조사", "üretici",
})  # fmt: skip
SKU_LABELS = frozenset({
    "sku", "item", "item number", "item no", "item #", "item code", "product code", "product id", "product number",
    "code", "model", "model number", "article number", "article no", "art", "art. nr", "art.-nr", "artikelnummer",
    "artikel-nr", "référence", "ref", "réf", "referencia", "referência", "código", "codice", "codice prodotto",
    "codice articolo", "kód", "kód produktu", "kód zboží", "kód tovaru", "katalogové číslo", "katalógové číslo",
    "šifra", "šifra izdelka", "kod", "kod produktu", "nr katalogowy", "tootekood", "kood", "prekės kodas", "artnr",
    "varenummer", "tuotenumero", "артикул", "код товара", "код", "货号", "貨號", "商品编号", "商品編號", "产品编号",
    "型号", "型號", "商品番号", "品番", "part number", "mpn", "asin", "upc", "ean", "gtin", "stock code",
    "catalogue number", "catalog number",
})  # fmt: skip

# What follows these is an article number even without a digit in it.
SURE_SKU_LABELS = frozenset({
    "sku", "item number", "item code", "product code", "article number", "artikelnummer", "artikel-nr", "référence",
    "codice prodotto", "codice articolo", "kód produktu", "kod produktu", "артикул", "货号", "貨號", "商品编号",
    "商品番号", "品番",
})  # fmt: skip

# Short texts near the offer. What is sold out is looked for first: "not in stock" holds "in stock".
OUT_OF_STOCK = (
    "out of stock", "sold out", "currently unavailable", "not available", "not in stock", "no longer available",
    "temporarily unavailable", "unavailable", "nicht verfügbar", "ausverkauft", "nicht auf lager",
    "nicht lieferbar", "épuisé", "rupture de stock", "indisponible", "non disponibile", "esaurito",
    "attualmente non disponibile", "agotado", "sin stock", "no disponible", "esgotado", "indisponível",
    "niedostępny", "brak w magazynie", "produkt niedostępny", "vyprodáno", "vypredané", "není skladem",
    "nie je skladom", "nedostupn", "momentálne nedostupn", "ni na zalogi", "razprodano", "läbi müüdud",
    "ei ole saadaval", "otsas", "loppu", "slutsåld", "slut i lager", "udsolgt", "utsolgt", "uitverkocht",
    "niet op voorraad", "elfogyott", "nincs raktáron", "stoc epuizat", "indisponibil", "нет в наличии", "распродан",
    "продано", "нет в продаже", "закончился", "немає в наявності", "售罄", "缺货", "缺貨", "补货中", "補貨中",
    "已售完", "无货", "無貨", "暂时缺货", "已售出", "在庫切れ", "売り切れ", "품절", "tükendi", "stokta yok",
)  # fmt: skip
IN_STOCK = (
    "on order", "available to order", "made to order", "auf bestellung", "na objednanie", "na objednávku",
    "sur commande", "in stock", "available now", "available immediately", "ready to ship", "only left", "auf lager",
    "sofort lieferbar", "lieferbar", "vorrätig", "en stock", "disponible", "disponibile", "disponibilità immediata",
    "disponibilita' immediata", "em estoque", "disponível", "dostępny", "dostępna", "w magazynie", "na stanie",
    "skladem", "skladom", "na sklade", "dostupné", "na zalogi", "dobavljivo", "na voljo", "laos", "saadaval",
    "varastossa", "i lager", "på lager", "op voorraad", "raktáron", "în stoc", "в наличии", "на складе",
    "есть в наличии", "в наявності", "有货", "有貨", "现货", "現貨", "库存充足", "尚有庫存", "在庫あり",
    "재고 있음", "stokta var",
)  # fmt: skip
BUY = (
    "add to cart", "add to basket", "add to bag", "add to trolley", "buy now", "buy it now", "in den warenkorb",
    "jetzt kaufen", "ajouter au panier", "acheter", "aggiungi al carrello", "acquista", "añadir al carrito",
    "añadir a la cesta", "agregar al carrito", "comprar", "adicionar ao carrinho", "do koszyka", "kup teraz",
    "do košíku", "do košíka", "koupit", "kúpiť", "v košarico", "dodaj v košarico", "u košaricu", "lisa ostukorvi",
    "lisa korvi", "ostukorvi", "lisää ostoskoriin", "lägg i varukorgen", "köp", "legg i handlekurv", "læg i kurv",
    "in winkelwagen", "in winkelmand", "kosárba", "adaugă în coș", "în coș", "в корзину", "купить",
    "добавить в корзину", "у кошик", "купити", "加入購物車", "加入购物车", "立即購買", "立即购买", "放入購物車",
    "马上抢", "我要買", "直接購買", "カートに入れる", "購入", "장바구니", "구매", "sepete ekle",
)  # fmt: skip
# Headings over a seller's description.
DESCRIPTION_HEADINGS = (
    "description", "product description", "item description", "product details", "details", "about this item",
    "overview", "beschreibung", "produktbeschreibung", "descrizione", "descripción", "descrição", "opis", "popis",
    "описание", "опис", "商品详情", "商品描述", "产品介绍", "产品详情", "宝贝详情",
    "商品介绍", "商品説明", "상품 설명",
)  # fmt: skip
# Said by a page that wants to know who is asking, in place of a listing.
BLOCKED = (
    "captcha", "are you a robot", "are you human", "verify you are human", "unusual traffic", "access denied",
    "checking your browser", "attention required", "just a moment", "security check",
    "安全验证", "人机验证", "验证码", "访问受限", "滑动验证", "请完成验证",
)  # fmt: skip
# Said by a page whose listing has ended; only where there is no offer left.
GONE = (
    "listing has ended", "this listing was ended", "listing is no longer available", "item is no longer available",
    "no longer available", "product is no longer available", "has been removed", "has been deleted",
    "has been taken down", "this posting has been", "this ad has expired", "page not found", "product not found",
    "item not found", "404 not found", "has been sold", "item sold", "该商品已下架", "商品已下架", "已下架",
    "商品不存在", "宝贝不存在", "已被删除", "已经被删除", "页面不存在", "商品已删除", "已失效", "该商品已售出",
    "此商品已售出", "已被移除", "объявление снято", "товар не найден", "nicht mehr verfügbar",
    "n'est plus disponible", "non è più disponibile", "ya no está disponible", "seite nicht gefunden",
    "page introuvable", "wurde verkauft", "bereits verkauft", "wurde gelöscht", "existiert nicht mehr",
    "angebot ist beendet", "angebot wurde beendet", "a été vendu", "n'existe plus", "annonce supprimée",
    "ha sido vendido", "ya no existe", "è stato venduto", "non esiste più", "oferta zakończona", "is verkocht",
    "ogłoszenie nieaktualne", "bestaat niet meer", "販売を終了しました", "販売は終了しました", "削除されました",
    "판매가 종료", "판매 완료", "товар продан", "объявление удалено", "больше не доступен",
)  # fmt: skip

# What the parts of a listing's page are called in their tags, by shops and their designers: looked for as they stand.
DESCRIPTION_NAMES = ("desc", "Desc", "DESC", "detail", "Detail", "DETAIL")
CHOICES = (
    "swatch",
    "variant",
    "sku-item",
    "option-value",
    "option_value",
    "optionvalue",
    "product-option",
    "sku-list",
)
QUESTIONS = ("question", "faq", "qa-list", "q-and-a")
TABLES = ("<table", "<dl")
SELECT = "<select"
# All of these, which are looked for at once.
SOUGHT = (*DESCRIPTION_NAMES, *CHOICES, *QUESTIONS, *TABLES, SELECT)
