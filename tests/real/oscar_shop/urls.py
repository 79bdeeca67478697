"""The shop's addresses: Oscar's own, its REST API, and a sitemap index such as Oscar's sandbox has."""

from __future__ import annotations

from django.apps import apps
from django.contrib.sitemaps import Sitemap, views
from django.urls import include, path
from oscar.core.loading import get_model
from oscar.core.thumbnails import AbstractThumbnailer

Product, Category = get_model("catalogue", "product"), get_model("catalogue", "category")


class NoThumbnails(AbstractThumbnailer):
    """No goods here have pictures, and neither of the two libraries that Oscar knows is needed for that."""

    def generate_thumbnail(self, source, **opts):
        """The picture itself."""
        return source

    def delete_thumbnails(self, source):
        """There are none."""


class Products(Sitemap):
    """Every browsable product, a hundred to a file."""

    limit = 100

    def items(self):
        """By number, so that a file keeps its products."""
        return Product.objects.browsable().filter(is_public=True).order_by("id")

    def lastmod(self, item):
        """When it was last changed."""
        return item.date_updated


class Categories(Sitemap):
    """Every category."""

    def items(self):
        """By number."""
        return Category.objects.order_by("id")


MAPS = {"products": Products, "categories": Categories}

urlpatterns = [
    path("sitemap.xml", views.index, {"sitemaps": MAPS, "sitemap_url_name": "map"}),
    path("sitemap-<section>.xml", views.sitemap, {"sitemaps": MAPS}, name="map"),
    path("api/", include("oscarapi.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include(apps.get_app_config("oscar").urls[0])),
]
