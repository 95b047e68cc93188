"""Calibrating the token estimate: fits `estimation_weights.py` to texts, and measures it on texts that it has not seen.

    python -m benchmarks.calibrate_estimates TEXTS TOKENIZERS

TEXTS has a folder `fit` and a folder `unseen`, each with a folder per kind of text (a script, a group of languages,
code, logs) of UTF-8 files `LANGUAGE~ANYTHING.txt` of some thousand characters. TOKENIZERS has a folder per family, as
for `--tokenizer`. Needs scipy, which is not among the project's dependencies.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from maas_client.catalog.lookup import find_model
from maas_client.datasets.tokens.estimation import estimate_text
from maas_client.datasets.tokens.estimation_weights import WEIGHTS, Estimate, Weights
from maas_client.datasets.tokens.scripts import FREQUENT, NAMES
from maas_client.datasets.tokens.text_features import FEATURES, features
from maas_client.datasets.tokens.tokenizer_loading import load
from maas_client.datasets.tokens.tokenizer_lookup import named_tokenizer

MODELS = {"llama-2": "Phi-3-mini-4k-instruct", "cl100k": "Phi-3-small-8k-instruct", "o200k": "Phi-4-mini-instruct"}
LIMITS = {
    "common words": (0.85, 1.1),
    "frequent European words": (0.85, 1.1),
    "European letters": (0.06, 1.0),
    "words": (0.4, 1.1),
    "single letters": (0.85, 1.1),
    "long words": (-0.15, 0.3),
    "long foreign words": (-0.1, 0.6),
    "numbers": (1.0, 1.2),
    "CJK punctuation": (0.8, 1.5),
    "Latin-1 signs": (0.9, 3.0),
    "unknown": (2.5, 3.0),
}
"""What a weight may be, where the texts alone do not determine it; any other one is at least 0."""

FOREIGN = ("European words", "European letters", "foreign words", "foreign letters", "long foreign words")
LEAST_ERROR, LEAST_FOREIGN_ERROR, LEAST_SCRIPT_ERROR, LEAST_SHARED_ERROR = 0.13, 0.25, 0.25, 0.42
"""The least relative error of a weight: in general, of words of other languages in Latin letters, of a script, and of a
script in whose tokens one language or a few characters prevail."""

PREVAILING = 0.8
"""Tokens per character of a script below which a tokenizer has tokens for whole words of its main languages."""

USUAL, PREFERENCE = ("English", "code"), 4.0
"""The kinds of text whose bounds matter most, and by how much more."""

FOLDS, MISSES, PIECE = 8, 1 / 50, 250
"""Parts of the cross-validation; the share of texts that may be outside their bounds; characters of a short message."""


class Texts(NamedTuple):
    """Texts as numbers: a row of features and the true tokens for each, its share in the fit, and its language."""

    kinds: list[str]
    texts: list[list[str]]
    counts: Any
    tokens: Any
    languages: list[str]

    def shares(self, usual: float = 1.0) -> Any:
        """Return the weight of each text: a kind with four times as many texts counts twice as much."""
        sizes: dict[str, int] = defaultdict(int)
        for kind in self.kinds:
            sizes[kind] += 1
        return np.array([(usual if kind in USUAL else 1.0) * sizes[kind] ** -0.5 for kind in self.kinds])


def read(folder: Path, lengths: Any, weights: Weights) -> Texts:
    """Read the texts of a folder, each whole and again as short messages."""
    paths = sorted(folder.glob("*/*.txt"))
    whole = [path.read_text(encoding="utf-8") for path in paths]
    short = [[text[at : at + PIECE] for at in range(0, len(text), PIECE)] for text in whole]
    parts = [*([text] for text in whole), *short]
    tokens = np.array([sum(lengths(each)) for each in parts], float)
    kinds, languages = [path.parent.name for path in paths], [path.name.partition("~")[0] for path in paths]
    return Texts(kinds * 2, parts, np.array([_counts(each, weights) for each in parts]), tokens, languages * 2)


def _counts(parts: Sequence[str], weights: Weights) -> Any:
    found = dict.fromkeys(FEATURES, 0.0)
    for text in parts:
        for name, count in features(text, text.encode(), digits=weights.digits, merges=weights.merges):
            found[name] += count
    return list(found.values())


def fit_tokens(counts: Any, tokens: Any, shares: Any) -> Any:
    """Return the tokens per feature with the least squares of the relative error."""
    low, high = zip(*(LIMITS.get(name, (0.0, 6.0)) for name in FEATURES), strict=True)
    scale = np.sqrt(shares) / tokens
    pull = np.eye(len(FEATURES)) * 1e-3  # for features that no text has
    equations = np.vstack([counts * scale[:, None], pull])
    values = np.concatenate([np.sqrt(shares), pull @ np.full(len(FEATURES), 0.5)])
    return import_module("scipy.optimize").lsq_linear(equations, values, bounds=(low, high)).x


def fit_errors(counts: Any, tokens: Any, shares: Any, fitted: Any, off: Any) -> Any:
    """Return the relative error of each weight: the narrowest bounds that only MISSES of the texts are outside of."""
    width = counts * np.abs(fitted) / tokens[:, None]
    cost = np.concatenate([(shares[:, None] * width).sum(0) + 1e-6, shares / MISSES])
    least = map(_least_error, FEATURES, fitted)
    bounds = [*((each, 0.9) for each in least), *[(0, None)] * len(tokens)]
    covered = np.hstack([-width, -np.eye(len(tokens))])
    found = import_module("scipy.optimize").linprog(cost, A_ub=covered, b_ub=-np.abs(off) / tokens, bounds=bounds)
    return found.x[: len(FEATURES)]


def _least_error(name: str, weight: float) -> float:
    if name not in NAMES:
        return LEAST_FOREIGN_ERROR if name in FOREIGN else LEAST_ERROR
    shared = (weight < PREVAILING and name not in FREQUENT) or name == "emoji"
    return LEAST_SHARED_ERROR if shared else LEAST_SCRIPT_ERROR


def calibrate(texts: Texts) -> tuple[Any, Any]:
    """Return tokens and possible error in tokens per feature; no language vouches for its own error."""
    shares, off = texts.shares(), np.zeros(len(texts.tokens))
    folds = np.array([crc32(language.encode()) % FOLDS for language in texts.languages])
    fitted = fit_tokens(texts.counts, texts.tokens, shares)
    for fold in range(FOLDS):
        others = folds != fold
        without = fit_tokens(texts.counts[others], texts.tokens[others], shares[others])
        known = (texts.counts[others] * fitted / texts.tokens[others, None]).sum(0) > 1  # else only this one has it
        off[~others] = texts.counts[~others] @ np.where(known, without, fitted) - texts.tokens[~others]
    return fitted, fitted * fit_errors(texts.counts, texts.tokens, texts.shares(PREFERENCE), np.abs(fitted), off)


def report(texts: Texts, weights: Weights) -> None:
    """Print the share of texts within their bounds, and the median relative error that these state."""
    found: dict[str, list[tuple[bool, float]]] = defaultdict(list)
    for kind, parts, true in zip(texts.kinds, texts.texts, texts.tokens, strict=True):
        each = [estimate_text(part, weights) for part in parts]
        tokens, error = sum(one.tokens for one in each), sum(one.error for one in each)
        for name in (kind, "all"):
            found[name].append((abs(tokens - true) <= error + 0.5, error / max(tokens, 1)))
    for name, results in sorted(found.items(), key=lambda item: -len(item[1])):
        within, width = np.mean([ok for ok, _ in results]), np.median([error for _, error in results])
        print(f"  {name:<26}{len(results):>6} texts {within:>7.1%} within, median bound {width:.0%}")


def main(texts: Path, tokenizers: Path) -> None:
    columns: list[list[str]] = []
    for kind, name in MODELS.items():
        model, asked = find_model(name), WEIGHTS[kind]
        lengths = load(named_tokenizer(model, tokenizers), model).lengths
        fitted, errors = calibrate(read(texts / "fit", lengths, asked))
        columns.append([f"({each:.2f}, {abs(error):.2f})" for each, error in zip(fitted, errors, strict=True)])
        table = {name: Estimate(*pair) for name, *pair in zip(FEATURES, fitted, np.abs(errors), strict=True)}
        print(f"{kind}, unseen:")
        report(read(texts / "unseen", lengths, asked), asked._replace(table=table))
    for name, *cells in zip(FEATURES, *columns, strict=True):
        print(f'    "{name}": ({", ".join(cells)}),')


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
