"""The first page: straight to work for who decides cases, to the queue for everybody else."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

router = APIRouter()


@router.get("/")
def home() -> Response:
    """The queue is where the day begins."""
    return RedirectResponse("/queue", status_code=303)
