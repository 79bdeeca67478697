"""The rulebooks that these tests write."""

from tests.rulebooks import book, head, make_rule, see, write  # noqa: F401 - fixtures are found by name
