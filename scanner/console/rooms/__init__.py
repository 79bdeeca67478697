"""The rooms of the console, and how to add one.

1. A module here with ``router = APIRouter(prefix="/people", dependencies=[Depends(needs(Deed.SEE))])`` and, for
   a line in the navigation, ``place = Place(...)``. Its functions are plain ``def`` (they run in threads) and are given
   ``office: InOffice``, ``visit: Visitor`` and, for a form that was sent, ``form: Posted``. Sessions, CSRF tokens and
   headers are dealt with before they run; permissions are declared with ``needs`` and checked again by the use cases.
2. A template ``<room>.html`` that extends ``layout.html`` and imports ``parts.html``; answered with ``page(request,
   "people.html", here="people", …)``. A form holds ``{{ csrf }}``, and what was sent is answered with ``go(path,
   Flash(...))``. What sellers wrote goes through ``|shown``. Style in a file of its own, linked in the block ``head``.
3. Its words in ``locale/zh_Hans/<room>.po``: ``python -m scanner.console.words`` prints what has no translation yet.
4. A line in the lists below.
"""

from __future__ import annotations

from fastapi import APIRouter

from scanner.console import api
from scanner.console.pages import Place
from scanner.console.rooms import (
    account,
    appeals,
    approvals,
    bulk,
    clues,
    comparing,
    deciding,
    figures,
    history,
    home,
    inspections,
    login,
    notices,
    people,
    queues,
    review,
    rulebook,
    sellers,
    takedowns,
)

# Before the login: no session, but forms carry a token all the same.
OPEN: tuple[APIRouter, ...] = (login.router,)

# For people who are logged in; each behind the guard.
ROOMS: tuple[APIRouter, ...] = (
    home.router,
    notices.router,
    appeals.router,
    sellers.router,
    clues.router,
    takedowns.router,
    inspections.router,
    comparing.router,
    rulebook.router,
    figures.router,
    history.router,
    people.router,
    account.router,
    queues.router,
    review.router,
    deciding.router,
    approvals.router,
    bulk.router,
    bulk.alike,
)

# For programs: ``/api/v1``, by token instead of a session.
SERVICES: tuple[APIRouter, ...] = (api.router,)

# The navigation, in its order.
PLACES: tuple[Place, ...] = (
    queues.place,
    queues.place_of_mine,
    approvals.place,
    bulk.place,
    notices.place,
    appeals.place,
    sellers.place,
    clues.place,
    takedowns.place,
    inspections.place,
    rulebook.place,
    figures.place,
    history.place,
    people.place,
)
