"""What Scrapy's own commands run with in this folder (by ``scrapy.cfg``): ``scrapy list``, ``scrapy shell URL`` …

They are for looking at a page while a spider is written. A source is crawled by ``delist inspect``: that plans it,
keeps the ledger and the evidence, and stays within its hosts; a shell has no source, so it has no fence.
"""

from __future__ import annotations

from typing import Any

from scanner.sources import Source
from spiders import settings

_USUAL: dict[str, Any] = settings.scrapy_settings(Source(name="shell", start=("http://localhost/",)))

BOT_NAME = "delist"
SPIDER_MODULES = ["spiders.addresses", "spiders.api", "spiders.catalogue", "spiders.site", "spiders.sitemap"]
USER_AGENT = settings.USER_AGENT
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = _USUAL["ROBOTSTXT_USER_AGENT"]
DOWNLOAD_MAXSIZE = _USUAL["DOWNLOAD_MAXSIZE"]
DOWNLOAD_TIMEOUT = _USUAL["DOWNLOAD_TIMEOUT"]
DOWNLOAD_VERIFY_CERTIFICATES = True
HTTPERROR_ALLOW_ALL = True
COOKIES_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
