"""The constants of the token estimate for each kind of tokenizer, fitted to real texts.

Fitted by `benchmarks/calibrate_estimates.py` to 1,926 texts, with the tokenizers themselves as the reference: the
Universal Declaration of Human Rights in 477 languages, messages of programs in 130, sayings in 12, source code,
documents, and generated tables, logs, numbers, codes, emoji and signs. Measured on 1,588 texts from other sources
(manuals, examples and messages in more than 400 languages, code in other programming languages, logs, tables), each
whole and again as messages of 250 characters: 98.7 per cent were within their bounds for llama-2, 98.8 for cl100k and
98.4 for o200k. The median bound was 15 to 22 per cent for English and source code, and 25 to 39 for all texts together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

_TABLE: Mapping[str, tuple[tuple[float, float], ...]] = {
    "common words": ((0.85, 0.11), (1.10, 0.14), (1.03, 0.13)),
    "words": ((1.10, 0.14), (1.10, 0.14), (1.03, 0.13)),
    "letters": ((0.08, 0.01), (0.04, 0.01), (0.03, 0.00)),
    "long words": ((0.07, 0.01), (0.02, 0.00), (0.09, 0.01)),
    "capitals": ((0.20, 0.04), (0.02, 0.00), (0.03, 0.00)),
    "single letters": ((1.01, 0.13), (0.93, 0.43), (0.85, 0.57)),
    "frequent European words": ((0.88, 0.11), (0.85, 0.11), (0.85, 0.11)),
    "European words": ((1.51, 0.38), (1.54, 0.38), (1.27, 0.32)),
    "foreign words": ((0.67, 0.17), (0.52, 0.13), (0.12, 0.11)),
    "foreign letters": ((0.34, 0.14), (0.34, 0.20), (0.36, 0.14)),
    "European letters": ((0.06, 0.02), (0.06, 0.02), (0.06, 0.02)),
    "long foreign words": ((0.10, 0.02), (0.06, 0.01), (-0.10, 0.07)),
    "foreign capitals": ((0.20, 0.03), (0.11, 0.01), (0.18, 0.02)),
    "punctuation": ((0.80, 0.16), (0.32, 0.04), (0.47, 0.06)),
    "spaced punctuation": ((0.11, 0.01), (0.68, 0.36), (0.62, 0.23)),
    "changes of punctuation": ((0.86, 0.32), (0.80, 0.72), (0.80, 0.70)),
    "line ends": ((0.90, 0.12), (0.44, 0.06), (0.82, 0.37)),
    "blanks": ((1.09, 0.27), (1.07, 0.14), (1.01, 0.13)),
    "tabs": ((0.84, 0.11), (0.17, 0.02), (0.19, 0.03)),
    "numbers": ((1.00, 0.13), (1.20, 0.46), (1.16, 0.28)),
    "spaced numbers": ((0.97, 0.13), (0.87, 0.11), (0.87, 0.11)),
    "mixed": ((0.44, 0.40), (0.18, 0.02), (0.33, 0.30)),
    "Latin, accented": ((1.60, 0.40), (1.19, 0.77), (0.38, 0.35)),
    "Latin, phonetic": ((1.48, 0.37), (2.40, 0.60), (1.86, 0.47)),
    "Greek": ((1.13, 0.28), (1.08, 0.27), (0.42, 0.18)),
    "Greek, polytonic": ((1.51, 0.38), (2.89, 0.72), (2.32, 0.58)),
    "Cyrillic": ((0.45, 0.12), (0.63, 0.16), (0.38, 0.16)),
    "Armenian": ((1.25, 0.31), (2.15, 0.54), (0.36, 0.15)),
    "Arabic": ((1.17, 0.29), (0.93, 0.28), (0.39, 0.10)),
    "Syriac, Thaana, N'Ko": ((2.02, 0.50), (2.16, 0.54), (2.16, 0.54)),
    "Devanagari": ((1.28, 0.32), (1.23, 0.31), (0.41, 0.17)),
    "Gurmukhi": ((2.72, 0.68), (2.05, 0.51), (0.68, 0.29)),
    "Odia": ((3.15, 0.79), (2.98, 0.75), (1.17, 0.29)),
    "Telugu": ((2.92, 0.73), (2.03, 0.51), (0.53, 0.22)),
    "Malayalam": ((1.24, 0.31), (1.82, 0.46), (0.39, 0.16)),
    "Thai": ((1.10, 0.28), (0.98, 0.24), (0.43, 0.18)),
    "Tibetan": ((1.44, 0.36), (2.10, 0.52), (1.54, 0.39)),
    "Myanmar": ((1.85, 0.46), (2.17, 0.54), (0.67, 0.60)),
    "Ethiopic": ((3.13, 0.78), (3.01, 0.75), (2.12, 0.53)),
    "Canadian syllabics": ((3.18, 0.79), (2.99, 0.75), (3.15, 0.79)),
    "Khmer": ((2.26, 0.56), (1.72, 0.43), (0.61, 0.26)),
    "typographic punctuation": ((1.03, 0.26), (0.73, 0.31), (0.62, 0.26)),
    "arrows": ((2.76, 0.69), (2.36, 0.59), (1.93, 0.48)),
    "mathematical signs": ((2.59, 0.73), (2.23, 1.45), (1.92, 0.48)),
    "boxes": ((0.45, 0.19), (0.39, 0.35), (0.42, 0.31)),
    "symbols": ((2.12, 1.91), (1.86, 1.67), (1.82, 1.40)),
    "Braille": ((2.99, 0.75), (2.97, 0.74), (2.96, 0.74)),
    "Coptic, Tifinagh": ((2.94, 0.73), (2.95, 0.74), (2.94, 0.74)),
    "kana": ((1.02, 0.25), (0.94, 0.24), (0.66, 0.28)),
    "Han": ((1.47, 0.37), (1.20, 0.30), (0.81, 0.20)),
    "Yi, Vai": ((3.31, 0.83), (2.95, 0.74), (2.97, 0.74)),
    "Hangul": ((2.02, 0.50), (1.29, 0.32), (0.79, 0.33)),
    "variation selectors": ((1.49, 0.37), (1.03, 0.26), (0.40, 0.17)),
    "full-width forms": ((1.90, 0.48), (1.36, 0.38), (1.14, 0.94)),
    "supplementary": ((4.16, 1.04), (4.04, 1.19), (4.01, 1.33)),
    "Cyrillic, other languages": ((0.61, 0.26), (0.74, 0.31), (0.45, 0.36)),
    "Han, other languages": ((1.85, 0.46), (1.52, 0.38), (0.97, 0.24)),
    "Arabic, other languages": ((1.28, 0.32), (1.18, 0.29), (0.56, 0.24)),
    "combining marks": ((1.39, 0.35), (1.62, 0.40), (1.57, 0.39)),
    "Cyrillic, extended": ((1.85, 0.46), (2.41, 0.60), (0.64, 0.57)),
    "Hebrew": ((1.21, 0.30), (1.29, 0.32), (0.50, 0.21)),
    "Bengali": ((1.55, 0.39), (1.47, 0.37), (0.44, 0.19)),
    "Gujarati": ((2.97, 0.74), (2.02, 0.51), (0.44, 0.19)),
    "Tamil": ((1.29, 0.32), (1.55, 0.39), (0.40, 0.17)),
    "Kannada": ((2.81, 0.70), (2.03, 0.51), (0.46, 0.19)),
    "Sinhala": ((2.21, 0.55), (2.19, 0.55), (0.66, 0.28)),
    "Lao": ((3.03, 0.76), (2.18, 0.55), (1.89, 0.47)),
    "Georgian": ((1.17, 0.29), (2.13, 0.53), (0.37, 0.15)),
    "Cherokee": ((3.24, 0.81), (3.02, 0.75), (3.24, 0.81)),
    "CJK punctuation": ((1.50, 0.37), (1.50, 0.37), (1.50, 0.37)),
    "emoji": ((4.48, 1.88), (2.92, 1.22), (1.60, 1.12)),
    "Latin-1 signs": ((0.90, 0.23), (0.90, 0.23), (0.90, 0.23)),
    "Latin-1 letters": ((1.02, 0.25), (1.11, 0.28), (0.93, 0.84)),
    "unknown": ((3.00, 0.75), (3.00, 0.75), (3.00, 0.75)),
}
"""By feature, for llama-2, cl100k and o200k: tokens each, and by how many of them they may be wrong."""


class Estimate(NamedTuple):
    """Tokens, and by how many they may be wrong in either direction."""

    tokens: float
    error: float


class Weights(NamedTuple):
    """How a kind of tokenizer counts: a number in groups of `digits`, line breaks that merge with others, features."""

    digits: int
    merges: bool
    table: Mapping[str, Estimate]


def _column(number: int) -> Mapping[str, Estimate]:
    return {name: Estimate(*cells[number]) for name, cells in _TABLE.items()}


_CL100K = Weights(digits=3, merges=True, table=_column(1))
WEIGHTS: Mapping[str, Weights] = {
    "llama-2": Weights(digits=1, merges=False, table=_column(0)),
    "cl100k": _CL100K,
    "phi-4": _CL100K,
    "o200k": Weights(digits=3, merges=True, table=_column(2)),
}
"""By kind of tokenizer, as named in the catalogue. Phi-4's is of cl100k's kind and was not measured itself."""
