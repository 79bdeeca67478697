"""Moderators at work in processes of their own: each takes the next case and removes it, until there is none."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from scanner.errors import Conflict, StoreUnavailable
from scanner.model import Actor, Role, Ruling
from scanner.moderation import cases, claims
from scanner.store import Store
from tests.fakes import ALONE, NOON


def work_desk(tell: Callable[[str], None], url: str, people: int, process: int, hours: int) -> str:
    """What all moderators of a process did, as JSON: cases they decided, and what they were told instead.

    They work for so many ``hours`` of the clock. Where it is more than one, a database that is away is tried again:
    what somebody had in hand then is theirs until their claim ends, and somebody's within the hour.
    """
    with Store.open(url) as store, ThreadPoolExecutor(people) as pool:
        tell("ready")
        names = [f"moderator{process}-{number}" for number in range(people)]
        done = [one.result() for one in [pool.submit(_moderate, store, name, hours) for name in names]]
    return json.dumps(
        {
            "decided": [case for decided, _ in done for case in decided],
            "told": [one for _, said in done for one in said],
        }
    )


def _moderate(store: Store, name: str, hours: int) -> tuple[list[int], list[str]]:
    decided: list[int] = []
    told: list[str] = []
    actor = Actor(name=name, role=Role.REVIEWER)
    for now in (NOON + timedelta(hours=hour) for hour in range(hours)):
        while True:
            try:
                case_id = _decide_next(store, actor, now)
            except Conflict as error:
                told.append(f"{type(error).__name__}: {error}")
                continue
            except StoreUnavailable as error:
                told.append(f"{type(error).__name__}: {error}")
                if hours == 1 or len(told) > 500:
                    raise
                time.sleep(0.1)
                continue
            if case_id is None:
                break
            decided.append(case_id)
    return decided, told


def _decide_next(store: Store, actor: Actor, now: datetime) -> int | None:
    claim = claims.next_case(store, actor=actor, now=now, policy=ALONE)
    if claim is None:
        return None
    seen = claim.case
    given = {"reason": "prohibited_goods", "actor": actor, "revision": seen.revision, "token": claim.token}
    cases.decide(store, seen.id, Ruling.REMOVE, now=now, policy=ALONE, **given)
    return seen.id
