"""What resembles offers: the same in numpy and compiled, alone and in company, in any script, however long."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import kernels
from scanner.likeness import CATEGORIES, Passages, Places, least_score, load
from scanner.likeness.passages import CHANCES
from scanner.likeness.weights import DOUBT_OF_TITLES, FEWEST_WORDS, Scores, chance_of, place_of
from scanner.likeness.words import PASSAGE, PORTION, STEP, words_of
from scanner.rulebook import load as load_rulebook
from scanner.signals import EVEN
from scanner.text import tables
from scanner.text.views import Batch

Document = tuple[tuple[str, str], ...]

OFFER = "别人名字开好的，插上就能打电话收短信，不用跑营业厅，一张一百六，停了包换，要几张说，量大再谈。"
TRADITIONAL = "別人名字開好的，插上就能打電話收短信，不用跑營業廳，一張一百六，停了包換，要幾張說，量大再談。"
LAWFUL = "木架结实，三层可调，角上有点磨损，自提的话可以再少二十，周末都在家，搬家前想清掉，配螺丝和扳手。"
# The number of this word is that of no word.
NOUGHT = "abvosdsj"
TEXTS = st.text(st.characters(exclude_categories=()), max_size=300)
DOCUMENTS = st.lists(
    st.lists(
        st.tuples(st.sampled_from(["title", "description", "options[0]", "seller.name", "attributes.x"]), TEXTS),
        max_size=4,
    ).map(tuple),
    max_size=5,
)


def told(text: str) -> Document:
    """A document of a description alone."""
    return (("description", text),)


def scores(*documents: Document) -> Scores:
    """The log-odds of documents that are read together."""
    return load().scores(Batch(documents))


def chance(document: Document) -> float | None:
    """The same of one as a chance, None where nothing is said."""
    score = float(scores(document)[0])
    return None if math.isnan(score) else chance_of(score)


def all_passages(*documents: Document) -> list[Passages]:
    """The passages of each, asked for in another order."""
    asked = [*range(0, len(documents), 2), *range(1, len(documents), 2)]
    found = dict(zip(asked, load().passages(Batch(documents), asked), strict=True))
    return [found[number] for number in range(len(documents))]


def categories(*documents: Document) -> list[str]:
    """What each resembles most."""
    return load().categories(Batch(documents), range(len(documents)))


def phrases(*documents: Document) -> list[Places]:
    """What weighed most in each."""
    return load().phrases(Batch(documents), range(len(documents)))


def passages(*documents: Document) -> Scores:
    """The log-odds of the worst passage of each."""
    return np.array([own.worst() for own in load().passages(Batch(documents), range(len(documents)))])


def test_an_offer_in_everyday_words_is_told_from_other_goods() -> None:
    """No word of either is prohibited; the one reads like an offer of phone cards, the other like furniture."""
    offer, lawful = map(chance, (told(OFFER), told(LAWFUL)))
    assert offer is not None
    assert lawful is not None
    assert offer > 0.9
    assert categories(told(LAWFUL), told(OFFER))[1] == "phone_card"
    assert lawful < 0.1


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    "text",
    [
        "別人名字開好的",
        "ＡＢＣ　１２３",
        "a" * 40 + "1" * 9,
        "\u200b手\u200b机",
        "㎡①🐧 \ud800",
        "",
        f"手 {NOUGHT} 机",
        f"{NOUGHT} " * 300,
        f"{OFFER} {NOUGHT} " * 20,
        "话" * 200_000,
    ],
)
def test_both_ways_add_up_to_the_same(text: str) -> None:
    """Weights are whole numbers: not the last bit of a score depends on who adds them up."""
    for document in (
        (("title", text), ("description", (OFFER + text) * 3)),
        (("description", text), *[("options[0]", character) for character in OFFER * 4]),
    ):
        with kernels.without():
            expected = scores(document), all_passages(document), categories(document), phrases(document)
        assert np.array_equal(scores(document), expected[0], equal_nan=True)
        assert all_passages(document) == expected[1]
        assert phrases(document) == expected[3]
        if not np.isnan(expected[0]).any():
            assert categories(document) == expected[2]


@pytest.mark.skipif(kernels.library() is None, reason="without a C compiler there is only one way")
@settings(max_examples=150, deadline=None)
@given(DOCUMENTS)
def test_kernels_score_arbitrary_texts_as_numpy_does(documents: list[Document]) -> None:
    """Whatever code points there are, surrogates among them, and however fields are cut."""
    found = scores(*documents), all_passages(*documents)
    told_apart, shown = np.array(categories(*documents))[~np.isnan(found[0])], phrases(*documents)
    with kernels.without():
        assert np.array_equal(found[0], scores(*documents), equal_nan=True)
        assert phrases(*documents) == shown
        assert np.array_equal(told_apart, np.array(categories(*documents))[~np.isnan(found[0])])
        assert [[*map(list, own)] for own in all_passages(*documents)] == [[*map(list, own)] for own in found[1]]


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(("text", "apart"), [(OFFER, "扌丁"), (LAWFUL, "扌丁")])
def test_characters_taken_apart_read_as_they_would_whole(text: str, apart: str) -> None:
    """Radicals are no words of a trade: who takes characters apart is neither accused by that nor hidden."""
    told_whole = told(f"打{text}"), told(f"{text}打")
    told_apart = told(f"{apart}{text}"), told(f"{text}{apart}")
    assert np.array_equal(scores(*told_whole), scores(*told_apart))
    assert [own.scores for own in all_passages(*told_whole)] == [own.scores for own in all_passages(*told_apart)]
    assert categories(*told_whole) == categories(*told_apart)


@pytest.mark.usefixtures("engine")
def test_what_nobody_sees_parts_no_word_and_what_is_spelt_out_says_nothing() -> None:
    """Single letters are no words of a trade either, but one or two of them may be: 加v."""
    plain, unseen = f"{LAWFUL} phone stand", f"{LAWFUL} p\u200bhone s\u2060ta\u00adnd"
    assert np.array_equal(scores(told(plain)), scores(told(unseen)))
    assert np.array_equal(scores(told(LAWFUL)), scores(told(f"{LAWFUL} p.h.o.n.e  s t a n d")))
    assert not np.array_equal(scores(told(LAWFUL)), scores(told(f"{LAWFUL}加v")))


@pytest.mark.usefixtures("engine")
@settings(max_examples=60, deadline=None)
@given(DOCUMENTS)
def test_a_document_scores_alone_what_it_scores_in_company(documents: list[Document]) -> None:
    """No word is taken from a neighbour."""
    for read in scores, passages:
        alone = [read(document)[0] for document in documents]
        assert np.array_equal(read(*documents), np.array(alone), equal_nan=True)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    "document",
    [
        (("title", LAWFUL),),
        (("text", LAWFUL),),
        told(LAWFUL[: FEWEST_WORDS - 2]),
        told("插上就能打"),
        (("seller.name", OFFER), ("description", "如题")),
        (),
    ],
    ids=["title alone", "no listing", "brief", "too short", "a shop's name", "nothing"],
)
def test_too_little_says_nothing(document: Document) -> None:
    """A title, a line of chat or a few words read like anything: there is no chance to tell, not even a low one."""
    assert chance(document) is None


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("field", ["title", "text", "options[0]"])
def test_what_is_brief_and_reads_like_an_offer_says_so(field: str) -> None:
    """It must read more like one than with a description, and says nothing below evens."""
    brief, whole = chance(((field, OFFER),)), chance(told(OFFER))
    assert brief is not None
    assert whole is not None
    assert EVEN <= brief < whole
    assert categories(((field, OFFER),)) == ["phone_card"]
    assert phrases(((field, OFFER),)) != [()]


@pytest.mark.usefixtures("engine")
def test_a_passage_is_looked_for_in_every_field() -> None:
    """A shop's name is none of what the whole reads like, but may hold an offer; a line of chat or a few words hold
    none."""
    assert chance_of(float(passages((("seller.name", OFFER), ("description", "如题")))[0])) > 0.9
    for document in ((("text", OFFER),), (("seller.name", OFFER),), (("title", "插上就能打"),), told("插上就能打"), ()):
        assert math.isnan(passages(document)[0])


@pytest.mark.usefixtures("engine")
def test_a_title_alone_is_doubted() -> None:
    """Its passages are those of a description of the same words, and each must read so much more like an offer."""
    title, description = all_passages((("title", OFFER),), told(OFFER))
    assert title == description._replace(scores=[score - DOUBT_OF_TITLES for score in description.scores])
    (both,) = all_passages((("title", OFFER), ("description", "如题")))
    assert both.scores[0] == description.scores[0]


def test_harmless_words_do_not_hide_an_offer_that_fills_a_portion() -> None:
    """A listing is what its worst portion is, wherever the offer stands among hundreds of words."""
    for before, after in ((LAWFUL * 4, ""), ("", LAWFUL * 4), (LAWFUL * 2, LAWFUL * 2)):
        hidden = chance(told(before + OFFER * 3 + after))
        assert hidden is not None
        assert hidden > 0.8


def test_a_long_listing_is_read_as_a_short_one_is() -> None:
    """A short offer among hundreds of words is found; without one it reads harmless, however long."""
    hidden = chance(told(LAWFUL * 2 + OFFER + LAWFUL * 2))
    assert hidden is not None
    assert hidden > 0.5
    for lawful in (LAWFUL, LAWFUL * 4):
        harmless = chance(told(lawful))
        assert harmless is not None
        assert harmless < 0.1


@pytest.mark.parametrize(
    ("before", "after"), [("", LAWFUL), (LAWFUL, ""), (LAWFUL * 5, LAWFUL), ("正版教材，老师推荐。" * 4, "")]
)
def test_harmless_words_around_a_passage_take_little_from_it(before: str, after: str) -> None:
    """The whole reads harmless, and a short offer in it does not: no passage is longer than it."""
    alone, hidden = (chance_of(float(passages(told(text))[0])) for text in (OFFER, before + OFFER + after))
    assert alone > 0.9
    assert hidden > 0.85
    harmless = passages(told(before + LAWFUL + after))[0]
    assert chance_of(float(harmless)) < 0.5


def test_a_passage_is_read_wherever_it_begins() -> None:
    """Words are taken in and let go of one by one: what is left counts as if read by itself."""
    text = LAWFUL + OFFER + LAWFUL
    words = words_of([told(text)], tables.load())
    starts, ends = words.start[: words.singles], words.end[: words.singles]
    read = range(0, len(starts) - PASSAGE + STEP, STEP)
    cut = [text[starts[first] : ends[min(first + PASSAGE, len(starts)) - 1]] for first in read]
    assert all_passages(told(text))[0].scores == [*map(_by_itself, cut)]


def _by_itself(text: str) -> float:
    """What a text of one passage scores."""
    likeness = load()
    known = likeness._known(words_of([told(text)], tables.load()))
    return float(likeness._sums(known, np.zeros(1, np.intp))[0])


def test_of_many_passages_one_may_read_like_an_offer_by_accident() -> None:
    """So many count for less, but no more than so: an offer is not hidden among thousands of words."""
    few, many, thousands = (passages(told(LAWFUL * count + OFFER))[0] for count in (0, 4, 200))
    assert few > many
    assert few - thousands <= CHANCES[-1] + 0.5


@pytest.mark.parametrize("disguised", [OFFER.replace("，", " "), TRADITIONAL, "\ufeff" + OFFER])
def test_script_and_separators_do_not_matter(disguised: str) -> None:
    """Words are read through the same table as everything else."""
    assert chance(told(disguised)) == chance(told(OFFER))


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS)
def test_what_is_shown_stands_in_the_text(documents: list[Document]) -> None:
    """Places are stretches of the original fields, in order, none over another."""
    for document, places in zip(documents, phrases(*documents), strict=True):
        sizes = {field: len(text) for field, text in reversed(document) if field != "seller.name"}
        order = [field for field, _ in document]
        assert all(0 <= start < end for _, start, end in places)
        assert all(field in sizes for field, _, _ in places)
        if len(set(order)) == len(order):
            assert all(end <= sizes[field] for field, _, end in places)
            numbered = [(order.index(field), start, end) for field, start, end in places]
            assert all(one[:1] + one[2:] <= other[:2] for one, other in itertools.pairwise(numbered))


def test_the_shown_words_are_those_that_weigh() -> None:
    """The words of an offer stand in the finding; those of the furniture beside it do not."""
    (places,) = phrases((("title", "置物架"), ("description", LAWFUL + "\n" + OFFER)))
    begin = len(LAWFUL)
    assert places
    assert sum(start >= begin for field, start, _ in places if field == "description") >= len(places) - 1


def test_portions_hold_so_many_words_and_the_rest_goes_with_the_last() -> None:
    """Pairs do not reach over the edge of a portion or field."""
    words = words_of([told("字" * (2 * PORTION + PORTION // 2 - 1))], tables.load())
    assert words.counts.tolist() == [2 * PORTION + PORTION // 2 - 1]
    singles = np.bincount(words.portion)
    assert singles.tolist() == [2 * PORTION - 1, 2 * (PORTION + PORTION // 2 - 1) - 1]
    apart = words_of([(("title", "一二"), ("description", "三四"))], tables.load())
    assert len(apart.key) == 4 + 2


def test_the_table_knows_each_of_its_words() -> None:
    """No two share a place, all are found again, and the columns are the shipped categories."""
    likeness = load()
    assert len(np.unique(place_of(likeness.keys))) == len(likeness.keys)
    assert np.array_equal(likeness.table[place_of(likeness.keys)], np.arange(len(likeness.keys)))
    assert likeness.weights.shape[1] == len(likeness.constants) == 1 + len(CATEGORIES)
    assert set(CATEGORIES) == {module.category for module in load_rulebook().modules}


@pytest.mark.parametrize("chance", [0.0001, 0.2, 0.5, 0.88, 0.9999])
def test_the_least_score_of_a_chance_leaves_none_out(chance: float) -> None:
    """Whatever is rounded to the chance or more scores at least that; a little below does not."""
    least = least_score(chance)
    assert chance_of(least + 1e-9) >= chance
    assert chance_of(least - 1e-3) < chance or chance < 0.001
    assert least_score(0.0) == -math.inf
    assert least_score(1.0) > 9


def test_so_few_words_are_the_limit() -> None:
    """One word more, and there is something to say."""
    assert chance(told("字" * (FEWEST_WORDS - 1))) is None
    assert chance(told("字" * FEWEST_WORDS)) is not None


@pytest.mark.usefixtures("engine")
def test_passages_are_those_around_characters() -> None:
    """Characters before the first word, behind the last, in a field without words, and of a long text."""
    document = (("title", "…… " + LAWFUL), ("brand", "——"), ("description", LAWFUL + OFFER))
    (own,) = load().passages(Batch([document]), [0])
    starts = [0, len(document[0][1]) + 1, len(document[0][1]) + len(document[1][1]) + 2]
    assert own.around(0, 1) == -np.inf
    assert own.around(own.firsts[0], own.firsts[0] + 1) == own.scores[0]
    end = starts[2] + len(document[2][1])
    assert own.around(end - 1, end) >= own.scores[-1]
    assert own.around(starts[2] + len(LAWFUL), end) == max(own.scores)
    assert own.around(starts[2], starts[2] + 5) < max(own.scores)
    assert own.around(starts[1], starts[1] + 1) in own.scores


@pytest.mark.usefixtures("engine")
def test_options_alone_are_read_for_passages() -> None:
    """Without a description nothing is said of what is harmless; an offer told in options is an offer."""
    document = (("title", "收藏"), ("options[0]", OFFER))
    assert np.isnan(scores((("title", "收藏"), ("options[0]", LAWFUL)))[0])
    assert passages(document)[0] > 0
    assert np.isnan(passages((("text", OFFER), ("seller.name", OFFER)))[0])
