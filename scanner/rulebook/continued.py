"""Words that run into longer ones: 卡套 is a sleeve for a card, but 手机卡套餐 is a card with its plan.

Chinese puts no space between words, so a cover word may stand where the text says something else: its last character
begins another word. Such a text is one more way to write the term that stands in it, which no cover word contains. Of
lists that only guards and negations name, it is a cover word itself. Patterns are left as they are written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from scanner.rulebook.content import Cover, Entry

# What sellers say of cards and credit right behind them, and what no cover word goes on with.
WORDS = (
    "套餐", "套现", "包邮", "包月", "包年", "包季", "包换", "包退", "包赔", "包激活", "包开", "包售后", "包教", "包过",
    "包活", "包用", "包顺丰", "包接", "包发", "包快递", "包到", "包稳", "包真", "包通", "包验", "通用", "通话", "通兑",
    "通讯", "通信", "通道", "机主", "座机", "其他", "其它", "其余", "贴着", "托人", "托管", "夹在", "夹着", "盒装",
    "袋装", "扣费", "扣款", "面值", "面额", "片区", "本人", "电报",
)  # fmt: skip
_BY_FIRST = {first: [word for word in WORDS if word[0] == first] for first in {word[0] for word in WORDS}}


def texts_behind(entries: Iterable[Entry], covers: Iterable[Cover]) -> Iterator[tuple[str, int]]:
    """Of each cover word with a term of its list before its last character the texts in which it is none, each with the
    number of the entry that stands there; of several the longest one's."""
    terms: dict[int, list[tuple[str, int]]] = {}
    for number, entry in enumerate(entries):
        terms.setdefault(entry.list, []).append((entry.text, number))
    for cover in covers:
        longer = [*_longer(cover.text)]
        for own in cover.lists if longer else ():
            inside = [(len(text), number) for text, number in terms.get(own, ()) if text in cover.text[:-1]]
            if inside:
                yield from ((text, max(inside)[1]) for text in longer)


def covers_of(entries: Iterable[Entry], lists: Collection[int]) -> Iterator[Cover]:
    """The texts in which the terms of some lists are none."""
    for entry in entries:
        if entry.list in lists:
            yield from (Cover(lists=(entry.list,), text=text) for text in _longer(entry.text))


def _longer(text: str) -> Iterator[str]:
    return (text + word[1:] for word in _BY_FIRST.get(text[-1:], ()))
