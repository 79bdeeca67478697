"""A request that arrives twice is worked on once."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest
from msgspec.structs import replace

from scanner.errors import Conflict, InputError
from scanner.model import Actor, Role
from scanner.people import requests, tokens
from scanner.people.records import Scope
from scanner.store import Store
from tests.fakes import NOON

LI = Actor(name="li", role=Role.ADMINISTRATOR)


@pytest.fixture
def token(store: Store) -> int:
    """A service's token."""
    return tokens.add(store, "erp", [Scope.CASES_DECIDE], actor=LI, now=NOON)[0].id


class Work:
    """Counts how often it is done."""

    def __init__(self, store: Store, *, fails: int = 0, dies: bool = False) -> None:
        self.store, self.done, self.fails, self.dies = store, 0, fails, dies

    def __call__(self, keep: requests.Keep) -> None:
        """Fail as often as told, then answer with what was done, and perhaps die of that."""
        self.done += 1
        if self.done <= self.fails:
            raise Conflict("not now")
        with self.store.transaction() as tx:
            keep(tx, 201, b"made %d" % self.done)
        if self.dies:
            raise SystemExit


def test_a_repetition_gets_the_first_answer(store: Store, token: int) -> None:
    """The work is done once for a key, and for each key."""
    work = Work(store)
    answers = [requests.once(store, token, key, b"remove 7", work, now=NOON) for key in ("a", "a", "b", "a")]
    assert answers == [(201, b"made 1"), (201, b"made 1"), (201, b"made 2"), (201, b"made 1")]


def test_without_a_key_everything_is_done(store: Store, token: int) -> None:
    """Two requests without a key are two."""
    work = Work(store)
    assert [requests.once(store, token, "", b"x", work, now=NOON)[1] for _ in range(2)] == [b"made 1", b"made 2"]


def test_a_key_belongs_to_one_request(store: Store, token: int) -> None:
    """Another request under the same key is refused; and so is a key without end."""
    requests.once(store, token, "a", b"remove 7", Work(store), now=NOON)
    with pytest.raises(InputError, match="another request"):
        requests.once(store, token, "a", b"remove 8", Work(store), now=NOON)
    with pytest.raises(InputError, match="longer"):
        requests.once(store, token, "a" * 201, b"remove 8", Work(store), now=NOON)


def test_what_failed_may_be_tried_again(store: Store, token: int) -> None:
    """Work that raised has done nothing: its key is free."""
    work = Work(store, fails=1)
    with pytest.raises(Conflict):
        requests.once(store, token, "a", b"remove 7", work, now=NOON)
    assert requests.once(store, token, "a", b"remove 7", work, now=NOON) == (201, b"made 2")


def test_whoever_dies_after_the_work_has_answered(store: Store, token: int) -> None:
    """The answer is there with what was done: the repetition gets it at once, and does nothing."""
    work = Work(store, dies=True)
    with pytest.raises(SystemExit):
        requests.once(store, token, "a", b"remove 7", work, now=NOON)
    assert requests.once(store, token, "a", b"remove 7", work, now=NOON) == (201, b"made 1")
    assert work.done == 1


LATER = NOON + timedelta(minutes=3)


def test_a_request_at_work_is_waited_for(store: Store, token: int) -> None:
    """A second one meanwhile is a conflict; when the first has died it is done anew; an old answer is forgotten."""

    def work(keep: requests.Keep) -> None:
        with pytest.raises(Conflict, match="worked on"):
            requests.once(store, token, "a", b"x", Work(store), now=NOON + timedelta(seconds=60))
        with store.transaction() as tx:
            keep(tx, 200, b"first")

    assert requests.once(store, token, "a", b"x", work, now=NOON) == (200, b"first")
    again = requests.once(store, token, "a", b"y", Work(store), now=NOON + timedelta(days=3))
    assert again == (201, b"made 1")


@pytest.mark.databases("sqlite", "postgresql")
def test_whoever_was_given_up_does_nothing_any_more(store: Store, token: int) -> None:
    """What it did is undone where it would keep its answer; the answer of the one that took over stays."""
    after = Work(store)

    def work(keep: requests.Keep) -> None:
        assert requests.once(store, token, "a", b"x", after, now=LATER) == (201, b"made 1")
        with store.transaction() as tx:
            tx.add_person("late", Role.REVIEWER, "", at=LATER)
            keep(tx, 200, b"late")

    with pytest.raises(Conflict, match="given up"):
        requests.once(store, token, "a", b"x", work, now=NOON)
    with store.reading() as tx:
        assert tx.person_named("late") is None
    assert requests.once(store, token, "a", b"x", after, now=LATER) == (201, b"made 1")
    assert after.done == 1


def test_whoever_was_given_up_and_fails_frees_nobody_elses_key(store: Store, token: int) -> None:
    """The one that took over is at work still: its key stays taken, so that a third waits."""

    def fails(keep: requests.Keep) -> None:
        with store.transaction() as tx:
            assert tx.keep_answer(token, "a", begun_again, begun_at=NOON)  # somebody takes over
        raise InputError("no")

    begun_again = requests.Answer(request=sha256(b"x").hexdigest(), at=LATER)
    with pytest.raises(InputError, match="no"):
        requests.once(store, token, "a", b"x", fails, now=NOON)
    with pytest.raises(Conflict, match="worked on"):
        requests.once(store, token, "a", b"x", Work(store), now=LATER + timedelta(seconds=9))


def test_an_answer_without_its_key_is_not_kept_in_silence(store: Store, token: int) -> None:
    """If the key was forgotten while somebody worked on it, nothing is done: a repetition would do it again."""

    def work(keep: requests.Keep) -> None:
        with store.transaction() as tx:
            tx.drop_requests(before=LATER)
        Work(store)(keep)

    with pytest.raises(Conflict, match="given up"):
        requests.once(store, token, "a", b"x", work, now=NOON)


@pytest.mark.databases("sqlite", "postgresql")
def test_of_two_that_read_the_same_beginning_one_takes_the_key(store: Store, token: int) -> None:
    """The key is taken from the beginning that was read, and from no other."""
    begun = requests.Answer(request="x", at=NOON)
    with store.transaction() as tx:
        assert tx.begin_request(token, "a", begun)
    taken = []
    for seconds in (0, 1):
        with store.transaction() as tx:
            anew = replace(begun, at=LATER + timedelta(seconds=seconds))
            taken.append(tx.keep_answer(token, "a", anew, begun_at=NOON))
    with store.reading() as tx:
        assert (taken, tx.answer_of(token, "a")) == ([True, False], replace(begun, at=LATER))
