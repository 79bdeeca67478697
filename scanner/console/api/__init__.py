"""The HTTP API for other systems, ``/api/v1``: by token, with scopes; problems as RFC 9457; described by OpenAPI.

A route declares the scope that it needs (``scope``) and gives what the use cases give, as ``shapes`` say. What changes
something takes an ``Idempotency-Key``; what changes a case takes its revision as ``If-Match``. Lists are read page by
page, as ``after`` and the ``Link`` header say, to their end: there is no cap.
"""

from __future__ import annotations

from fastapi import APIRouter

from scanner.console.api import appeals, cases, check, exports, inspections, notices

router = APIRouter(prefix="/api/v1")
for part in (check.router, cases.router, notices.router, appeals.router, inspections.router, exports.router):
    router.include_router(part)
