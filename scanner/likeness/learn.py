"""Fits the weights that the package ships: ``make likeness`` (extra ``learn``).

The examples are ``examples/*.jsonl`` beside this file, a listing a line: ``title``, ``description`` and ``labels``, the
categories that it offers, none for a lawful one. All were written for Delist; the lawful ones are mostly look-alikes,
and chatter, reviews, messages and adverts of other trades. More files, such as a platform's own decided cases in the
same form, may be named on the command line.

Sellers write harmless words beside an offer. So each listing is learnt as it is and in company: with sentences of
lawful ones before or behind it.

One logistic regression for any category, and one for each. Of all words and pairs those are kept that weigh most, and
of several that share a place in the table the heaviest. All of it is done several times, each time in other company,
and the weights are the mean: which sentences a listing happens to be beside must not decide.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from scanner.likeness.weights import CATEGORIES, UNIT, place_of
from scanner.likeness.words import Keys, words_of
from scanner.text import tables
from scanner.text.views import Batch

EXAMPLES = Path(__file__).parent / "examples"
WEIGHTS = Path(__file__).parent / "weights.npz"
# Words and pairs that the table holds; those of a single example are none.
MOST = 30_000
FEWEST_EXAMPLES = 2
# How closely the examples are followed (the inverse of the penalty on weights): any category, one category.
FITS = (24.0, 20.0)
# Sentences that are put beside a listing: of so many characters; so many beside an offer, and beside a lawful one; how
# often behind it.
COMPANY = range(6, 81)
FEW, MANY = (1, 1, 2), (2, 4, 6)
BEHIND = 0.6
# So many times each; and so often is it all done.
TIMES = 3
DRAWS = 4
ROUNDS = 500
# Log-odds of what there is no example of.
NEVER = -30.0

# Where it is told how far the work has come.
_CONSOLE = Console(stderr=True)
_SENTENCE = re.compile(r"[^。！？.!?\n]+[。！？.!?\n]?")

Flags = npt.NDArray[np.bool_]
# Weights and constant.
Fit = tuple[npt.NDArray[np.float64], float]
Rows = list[tuple[tuple[tuple[str, str], ...], frozenset[str]]]


def examples(paths: Iterable[Path]) -> Rows:
    """The examples as documents with their labels, each text once. Exits at a label that is no category."""
    rows = {}
    for path in paths:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            row = json.loads(line)
            labels = frozenset(row["labels"])
            if unknown := sorted(labels.difference(CATEGORIES)):
                sys.exit(f"{path.name}:{number}: no category: {', '.join(unknown)}")
            rows[tuple((name, row[name]) for name in ("title", "description") if row.get(name))] = labels
    return list(rows.items())


def in_company(rows: Rows, draw: int) -> Rows:
    """Each listing several times with sentences of lawful ones beside its description; others in each draw."""
    chance = random.Random(draw)
    texts = (text for document, labels in rows if not labels for name, text in document if name == "description")
    company = [said for text in texts for said in _SENTENCE.findall(text) if len(said) in COMPANY]
    made = []
    for document, labels in rows * TIMES if company else ():
        said = "".join(chance.choices(company, k=chance.choice(FEW if labels else MANY)))
        told = dict(document)
        own = told.get("description", "")
        told["description"] = f"{own}\n{said}" if chance.random() < BEHIND else f"{said}\n{own}"
        made.append((tuple(told.items()), labels))
    return made


def presence(rows: Rows) -> tuple[Keys, sparse.csr_matrix, list[frozenset[str]]]:
    """All words and pairs, which of them are in which sample, and the labels of each.

    Each portion of a lawful listing is a sample: no part of it may read like an offer. Which portion of a long offer
    makes it one nobody has said, so the whole is one.
    """
    parts: list[tuple[Keys, frozenset[str]]] = []
    for document, labels in rows:
        words = words_of(Batch([document]).whole_documents, tables.load())
        portions = [words.portion >= 0] if labels else [words.portion == at for at in range(len(words.document))]
        parts += [(words.key[portion], labels) for portion in portions]
    keys, number = np.unique(np.concatenate([part for part, _ in parts]), return_inverse=True)
    row = np.repeat(np.arange(len(parts)), [len(part) for part, _ in parts])
    counts = sparse.csr_matrix((np.ones(len(row)), (row, number)), (len(parts), len(keys)))
    counts.data[:] = 1
    common = np.flatnonzero(np.asarray(counts.sum(axis=0)).ravel() >= FEWEST_EXAMPLES)
    return keys[common], counts[:, common], [labels for _, labels in parts]


def scaled(present: sparse.csr_matrix) -> sparse.csr_matrix:
    """Each row to length one."""
    length = np.sqrt(np.maximum(np.asarray(present.sum(axis=1)).ravel(), 1))
    return sparse.csr_matrix(sparse.diags(1 / length) @ present)


def fitted(present: sparse.csr_matrix, is_so: Flags, fit: float) -> Fit:
    """One regression; of what no example is, the answer is no."""
    if not is_so.any():
        return np.zeros(present.shape[1]), NEVER
    model = LogisticRegression(C=fit, max_iter=ROUNDS).fit(scaled(present), is_so)
    return model.coef_[0], float(model.intercept_[0])


class Draw(NamedTuple):
    """The words and pairs of all samples, which of them are in which, and the labels of each."""

    keys: Keys
    present: sparse.csr_matrix
    labels: list[frozenset[str]]


def weighed(draw: Draw) -> dict[int, float]:
    """How much each word or pair tells an offer, by its key: its weight, and by how many samples it is in."""
    weights, _ = fitted(draw.present, np.array([*map(bool, draw.labels)]), FITS[0])
    counts = np.sqrt(np.asarray(draw.present.sum(axis=0)).ravel())
    return dict(zip(draw.keys.tolist(), (np.abs(weights) * counts).tolist(), strict=True))


def chosen(weights: Iterable[Mapping[int, float]]) -> Keys:
    """The keys to keep: the heaviest over all draws, each alone in its place of the table."""
    total: Counter[int] = Counter()
    for one in weights:
        total.update(one)
    ranked = np.array(sorted(total, key=lambda key: (-total[key], key)), np.uint32)
    taken: dict[int, int] = {}
    for place, key in zip(place_of(ranked).tolist(), ranked.tolist(), strict=True):
        if len(taken) == MOST:
            break
        taken.setdefault(place, key)
    return np.array(sorted(taken.values()), np.uint32)


def fits_of(draw: Draw, keys: Keys) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The weights of these keys, a row each, and the constants: any category first, then each."""
    at = np.minimum(np.searchsorted(draw.keys, keys), len(draw.keys) - 1)
    is_there = draw.keys[at] == keys
    present = draw.present[:, at[is_there]]
    wanted = [np.array([*map(bool, draw.labels)])]
    wanted += [np.array([name in own for own in draw.labels]) for name in CATEGORIES]
    fits = [fitted(present, is_so, FITS[number > 0]) for number, is_so in enumerate(wanted)]
    weights = np.zeros((len(keys), len(fits)))
    weights[is_there] = np.stack([own for own, _ in fits], axis=1)
    return weights, np.array([constant for _, constant in fits])


def learn(rows: Rows) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays of ``weights.npz``."""
    numbers = track(range(1, DRAWS + 1), "Putting listings in company", console=_CONSOLE)
    draws = [Draw(*presence([*rows, *in_company(rows, number)])) for number in numbers]
    keys = chosen(map(weighed, track(draws, "Choosing words and pairs", console=_CONSOLE)))
    fits = [fits_of(draw, keys) for draw in track(draws, "Fitting weights", console=_CONSOLE)]
    weights, constants = (np.mean(parts, axis=0) for parts in zip(*fits, strict=True))
    return {"keys": keys, "weights": np.round(weights * UNIT).astype(np.int32), "constants": constants}


def main(arguments: Sequence[str]) -> None:
    """Fit and write."""
    rows = examples([*sorted(EXAMPLES.glob("*.jsonl")), *map(Path, arguments)])
    arrays = learn(rows)
    np.savez_compressed(WEIGHTS, allow_pickle=False, **arrays)
    offers = sum(bool(labels) for _, labels in rows)
    sys.stdout.write(f"{len(rows):,} examples, {offers:,} of them offers; {len(arrays['keys']):,} words and pairs\n")


if __name__ == "__main__":
    main(sys.argv[1:])
