"""What is raised on purpose can be said in another language, and says the same in English as before."""

from __future__ import annotations

from scanner.errors import Conflict
from scanner.model import CaseState


def test_a_refusal_keeps_its_template_and_values_apart() -> None:
    """A state stays a state, for whoever has a word of their own for it."""
    error = Conflict("case {case} is {state}", hint="See {case}.", case=7, state=CaseState.ON_HOLD)

    assert (str(error), error.hint) == ("case 7 is on_hold", "See 7.")
    assert (error.template, error.hint_template) == ("case {case} is {state}", "See {case}.")
    assert error.values == {"case": 7, "state": CaseState.ON_HOLD}


def test_what_comes_from_outside_is_no_template() -> None:
    """A message without values is said as it is, braces and all; values are not read as templates."""
    assert str(Conflict("seller {0.__class__} is known")) == "seller {0.__class__} is known"
    assert str(Conflict("no seller {name}", name="{name.__class__}")) == "no seller {name.__class__}"
