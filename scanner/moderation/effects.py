"""What is done once a second person has settled a proposal that is not about a case: give these to ``approvals``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import cast

from scanner.clues import packages
from scanner.moderation.approvals import Effect
from scanner.moderation.policy import Policy
from scanner.moderation.records import ApprovalKind
from scanner.sellers import exceptions, penalties

# A store's transaction is all that each asks for; ``Effect`` names only what the queue does.
EFFECTS: Mapping[ApprovalKind, Effect] = {
    ApprovalKind.EXCEPTION: cast("Effect", exceptions.settled),
    ApprovalKind.ACCOUNT_CLOSURE: cast("Effect", penalties.settled),
    ApprovalKind.CLUE_PACKAGE: cast("Effect", packages.settled),
}


def effects_under(policy: Policy) -> Mapping[ApprovalKind, Effect]:
    """The same, where the policy in force says for how long it can be undone."""
    return {**EFFECTS, ApprovalKind.ACCOUNT_CLOSURE: cast("Effect", partial(penalties.settled, policy=policy))}
