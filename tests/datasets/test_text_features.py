"""The features from which tokens are estimated: which script a character counts in, and what a word or a table is."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from maas_client.datasets.tokens.scripts import NAMES, count_scripts
from maas_client.datasets.tokens.text_features import FEATURES, features

SAMPLES = {
    "Latin-1 letters": "éü",
    "Latin, accented": "őšặ",
    "Latin, phonetic": "ɔɛ",
    "combining marks": "\u0301\u0303",
    "Greek": "αβ",
    "Cyrillic, other languages": "жш",
    "Cyrillic, extended": "әң",
    "Armenian": "աբ",
    "Hebrew": "שלום",
    "Arabic, other languages": "شه",
    "Syriac, Thaana, N'Ko": "ܐߊ",
    "Devanagari": "कख",
    "Bengali": "কখ",
    "Gurmukhi": "ਕਖ",
    "Gujarati": "કખ",
    "Odia": "କଖ",
    "Tamil": "கங",
    "Telugu": "కఖ",
    "Kannada": "ಕಖ",
    "Malayalam": "കഖ",
    "Sinhala": "කඛ",
    "Thai": "กข",
    "Lao": "ກຂ",
    "Tibetan": "ཀཁ",
    "Myanmar": "ကခ",
    "Georgian": "აბ",
    "Ethiopic": "ሀለ",
    "Cherokee": "ᏀᏁ",
    "Canadian syllabics": "ᐁᐃ",
    "Khmer": "កខ",
    "typographic punctuation": "“—",
    "arrows": "→←",
    "boxes": "─│",
    "kana": "かカ",
    "CJK punctuation": "。、",
    "Han, other languages": "汉語",
    "Hangul": "한글",
    "full-width forms": "，！",
    "emoji": "😀🚀",
    "supplementary": "𝐀𐌰",
    "Yi, Vai": "ꀀꔀ",
    "unknown": "ᠠᬅ",
}


@pytest.mark.parametrize("script", SAMPLES)
def test_a_character_counts_in_its_script(script: str) -> None:
    text = f"a{SAMPLES[script]} 1\n"
    found = {name: count for name, count in count_scripts(text, text.encode()) if count}
    assert found == {script: len(SAMPLES[script])}


def test_scripts_of_one_text_are_distinguished() -> None:
    text = "".join(SAMPLES.values())
    found = {name: count for name, count in count_scripts(text, text.encode()) if count}
    assert found == {script: len(sample) for script, sample in SAMPLES.items()}


def test_a_main_language_is_recognized_by_its_words() -> None:
    russian = "Он пришёл в город и не нашёл дом на улице"
    assert dict(count_scripts(russian, russian.encode()))["Cyrillic, other languages"] == 0


def counted(text: str, *, digits: int = 3, merges: bool = True) -> dict[str, float]:
    return {name: count for name, count in features(text, text.encode(), digits=digits, merges=merges) if count}


def test_english_words_make_a_text_english() -> None:
    assert {"words", "letters"} <= counted("The shop is open when the train stops").keys()
    assert {"foreign words", "foreign letters"} <= counted("Duka litafunguliwa kesho saa tatu").keys()
    assert {"European words", "European letters"} <= counted("Die Katze und der Hund und das Pferd").keys()


def test_a_table_of_letters_is_single_letters() -> None:
    assert counted("x y z\nq r s\n")["single letters"] == 6


@pytest.mark.parametrize(("digits", "groups"), [(1, 9), (3, 4)])
def test_a_number_counts_by_its_groups_of_digits(digits: int, groups: int) -> None:
    assert counted("1234 12345", digits=digits)["numbers"] == groups


def test_line_breaks_merge_for_some_tokenizers() -> None:
    text = "one.\ntwo\n\nthree\n"
    assert (counted(text, merges=False)["line ends"], counted(text)["line ends"]) == (4, 2)


def test_only_long_punctuation_counts_by_its_changes() -> None:
    assert "changes of punctuation" not in counted("f(x); [a]")
    assert counted("----- !?!?!?")["changes of punctuation"] == 5


@given(text=st.text())
def test_every_feature_has_a_name_and_no_negative_count(text: str) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    found = list(features(text, raw, digits=3, merges=True))
    assert {name for name, _ in found} <= set(FEATURES)
    assert all(count >= 0 for _, count in found)


@given(text=st.text(st.characters(min_codepoint=0x80, codec="utf-8")))
def test_every_character_beyond_ascii_counts_once(text: str) -> None:
    found = dict(count_scripts(text, text.encode()))
    assert set(found) <= set(NAMES)
    assert sum(found.values()) == pytest.approx(len(text))
