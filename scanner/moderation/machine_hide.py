"""What a machine may hide by a stated policy, rule by rule; a person decides afterwards. Off unless a rule is named.

The policy says which rule, how sure, whose it is, why, and until when. What it hides is a decision of its own on
record: by ``policy of OWNER``, role ``system``, reason ``machine_policy``. The case goes on waiting, and keeping it
shows it again.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from scanner.errors import Conflict
from scanner.model import Actor, Role, Ruling
from scanner.moderation import cases
from scanner.moderation.desk import DeskRows, DeskStore, retried
from scanner.moderation.policy import MachineHide, Policy, shipped
from scanner.moderation.records import Proposal
from scanner.records import Case, QueueFilter
from scanner.takedown.undoing import stands

# So many cases of a rule are looked at in one go.
MOST = 500
REASON = "machine_policy"


def hide_due(store: DeskStore, *, now: datetime, policy: Policy | None = None) -> tuple[Case, ...]:
    """Hide what waits, was found by a rule that policy names, and no person has ruled on yet; give these cases.

    1. The policy's entry is not past its date.
    2. The rule itself found it, as surely as the entry asks for.
    3. Nobody has decided anything on the case, and nothing hides it already.
    Run it from time to time: an S4 finding should be hidden within five minutes.
    """
    policy = policy or shipped()
    hidden: list[Case] = []
    for entry in policy.machine_hide:
        if now.date() <= entry.until:
            hidden += _hidden_by(store, entry, policy, now)
    return tuple(hidden)


def _hidden_by(store: DeskStore, entry: MachineHide, policy: Policy, now: datetime) -> list[Case]:
    hidden, after = [], ""
    while True:
        with store.reading() as tx:
            page = tx.queue(QueueFilter(rule=entry.rule), limit=MOST, after=after)
            wanted = [row.case.id for row in page.rows if _is_wanted(tx, row.case, entry)]
        for number in wanted:
            done = retried(store, partial(_hide, number, entry, policy, now), after=Conflict)
            hidden += [done] if done is not None else []
        after = page.after
        if not after:
            return hidden


def _hide(case_id: int, entry: MachineHide, policy: Policy, now: datetime, tx: DeskRows) -> Case | None:
    case = tx.case(case_id)
    if not _is_wanted(tx, case, entry):
        return None
    machine = Actor(name=f"policy of {entry.owner}", role=Role.SYSTEM)
    note = f"{entry.rule} at {entry.least_score:g} or more, until {entry.until}: {entry.reason}"
    proposal = Proposal(ruling=Ruling.HIDE, reason=REASON, note=note, revision=case.revision)
    policy.reason(REASON, Ruling.HIDE, by_machine=True)
    return cases.rule_on(tx, case, proposal, by=machine, actor=machine, now=now, policy=policy).case


def _is_wanted(tx: DeskRows, case: Case, entry: MachineHide) -> bool:
    found = tx.findings(case.listing_row, case.version)
    is_sure = any(one.rule == entry.rule and one.queues and one.score >= entry.least_score for one in found)
    is_ruled = bool(tx.decisions(case.id)) or any(stands(order) for order in tx.takedowns(case.id))
    return is_sure and not is_ruled
