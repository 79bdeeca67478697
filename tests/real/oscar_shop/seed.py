"""Fills a new database with the goods, and with the one account that Delist needs: staff, and two rights."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.sites.models import Site
from django.core.management import call_command
from goods import Good, goods
from oscar.apps.catalogue.categories import create_from_breadcrumbs
from oscar.core.loading import get_model
from rest_framework.authtoken.models import Token

Product, ProductClass = get_model("catalogue", "product"), get_model("catalogue", "productclass")
ProductCategory, StockRecord = get_model("catalogue", "productcategory"), get_model("partner", "stockrecord")
Partner = get_model("partner", "partner")


def fill(host: str, count: int) -> str:
    """Make the tables and ``count`` products; the token of the account that may take them down."""
    call_command("migrate", interactive=False, verbosity=0)
    Site.objects.update_or_create(id=1, defaults={"domain": host, "name": "Real shop"})
    kind = ProductClass.objects.create(name="Goods", requires_shipping=True, track_stock=True)
    partners = [Partner.objects.create(name=name, code=name.lower()) for name in ("North", "South")]
    for good in goods(count):
        _put(good, kind, partners[good.number % 2])
    call_command("rebuild_index", interactive=False, verbosity=0)
    user = get_user_model().objects.create_user("takedown", "takedown@example.test", "takedown-pass", is_staff=True)
    rights = Permission.objects.filter(codename__in=("view_product", "change_product"))
    user.user_permissions.set(rights)
    return Token.objects.create(user=user).key


def _put(good: Good, kind: object, partner: object) -> None:
    product = Product.objects.create(
        product_class=kind, title=good.title, description=good.description, upc=good.sku, is_public=True
    )
    ProductCategory.objects.create(product=product, category=create_from_breadcrumbs(good.category))
    StockRecord.objects.create(
        product=product,
        partner=partner,
        partner_sku=good.sku,
        price_currency="USD",
        price=Decimal(good.price),
        num_in_stock=3 + good.number % 20,
    )
