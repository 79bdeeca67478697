"""What went wrong with a request, as a reason for the ledger."""

from __future__ import annotations

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from twisted.python.failure import Failure

from scanner.model import Failed, Skipped
from spiders.middlewares import OutsideTheFence

_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (ResponseDataLossError, "truncated"),
    (DownloadTimeoutError, "time_out"),
    (DownloadCancelledError, "too_large"),
    (CannotResolveHostError, "no_such_host"),
    (DownloadConnectionRefusedError, "refused"),
    (DownloadFailedError, "connection"),
    (UnsupportedURLSchemeError, "scheme"),
    (OSError, "connection"),
)


def error_in(failure: Failure) -> BaseException:
    """The exception that a Twisted failure carries."""
    return failure.value if failure.value is not None else RuntimeError("a failure without an error")


def outcome_of(error: BaseException, url: str) -> Failed | Skipped:
    """What becomes of ``url`` whose request ended in ``error``.

    Robots and the fence are kept out of on purpose: skipped. Everything else is a failure with a reason.
    """
    detail = str(error)[:300]
    if isinstance(error, OutsideTheFence):
        return Skipped(url=url, reason="offsite")
    if isinstance(error, IgnoreRequest):
        return _dropped(detail, url)
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return Failed(url=url, reason=reason, detail=detail)
    return Failed(url=url, reason="download_error", detail=f"{type(error).__name__}: {detail}")


def _dropped(detail: str, url: str) -> Failed | Skipped:
    """Scrapy drops requests with words, not types."""
    if "robots.txt" in detail:
        return Skipped(url=url, reason="robots")
    if "redirections" in detail:
        return Failed(url=url, reason="redirect_loop", detail=detail)
    if "DOWNLOAD_MAXSIZE" in detail:
        return Failed(url=url, reason="too_large", detail=detail)
    return Failed(url=url, reason="dropped", detail=detail)
