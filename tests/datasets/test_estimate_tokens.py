"""The estimate of tokens: within its bound on real files and on texts of many kinds, and never nonsense."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from maas_client.catalog.lookup import find_model, list_models
from maas_client.catalog.model_facts import ModelFacts
from maas_client.datasets.tokens.counter_choice import counter_for
from maas_client.datasets.tokens.estimation import EstimateMeasure, estimate_text
from maas_client.datasets.tokens.estimation_weights import WEIGHTS
from maas_client.datasets.tokens.row_tokens import RowCounter, RowTokens, TemplateCounter
from maas_client.datasets.tokens.text_features import FEATURES

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("MAAS_SHARED", ROOT.parent / "shared"))

FAMILIES = ["Phi-3-mini-4k-instruct", "Phi-3-medium-4k-instruct", "Phi-3-small-8k-instruct"]
needs_tokenizers = pytest.mark.skipif(not (SHARED / "tokenizers").is_dir(), reason=f"no tokenizers in {SHARED}")

PROSE = {
    "German": "Die Lieferung kam gestern an, aber zwei Teile fehlten. Können Sie mir bitte sagen, wann der Rest "
    "verschickt wird? Ich brauche die Schrauben für das Wochenende und würde sie sonst im Laden kaufen.",
    "French": "Bonjour, j'ai réservé une chambre pour deux nuits, mais je dois arriver plus tôt que prévu. "
    "Est-il possible de déposer les bagages à la réception avant midi ? Merci d'avance pour votre réponse.",
    "Russian": "Здравствуйте, я забыл пароль от личного кабинета и не могу войти. Письмо для восстановления не "
    "приходит уже второй день, хотя адрес указан правильно. Что мне делать дальше?",
    "Japanese": "こんにちは。先週注文した本がまだ届いていません。配送状況を確認していただけますか。引っ越しをしたので、"
    "住所が変わっているかもしれません。新しい住所は昨日メールで送りました。よろしくお願いします。",
    "Chinese": "您好，我上个星期在网上买了一台洗衣机，今天送到的时候发现外壳有一道划痕。请问可以换一台新的吗？"
    "如果不能换，我希望退回一部分钱。照片已经发到客服邮箱，谢谢。",
    "Korean": "안녕하세요. 다음 주 금요일 저녁에 네 명이 앉을 수 있는 자리를 예약하고 싶습니다. 아이가 한 명 있어서 "
    "조용한 자리가 좋겠습니다. 주차도 가능한지 알려 주세요.",
    "Arabic": "مرحبا، أريد أن أعرف متى يفتح المتحف يوم الجمعة، وهل يمكن شراء التذاكر عند الباب أم يجب أن نحجزها "
    "مسبقا عبر الموقع؟ نحن خمسة أشخاص ومعنا طفلان.",
    "Hindi": "नमस्ते, मैंने कल ट्रेन का टिकट बुक किया था लेकिन अभी तक पुष्टि का संदेश नहीं मिला है। "
    "क्या आप मेरी बुकिंग की स्थिति देखकर बता सकते हैं? मुझे सुबह जल्दी निकलना है।",
}


def numbers() -> str:
    """Write a table of figures, dates and formulas."""
    chance = random.Random(4)
    lines = (
        f"2025-0{chance.randint(1, 9)}-{chance.randint(10, 28)},{chance.random() * 1e4:.2f},{chance.randint(0, 10**9)},"
        f"{a} * {b} = {a * b}"
        for a, b in ((chance.randint(2, 999), chance.randint(2, 99)) for _ in range(60))
    )
    return "\n".join(lines)


def codes() -> str:
    """Write hexadecimal codes."""
    chance = random.Random(4)
    return "\n".join(f"{chance.getrandbits(128):032x}" for _ in range(40))


def program() -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "maas_client/cli/commands").glob("*.py"))[:12]
    )


def english() -> str:
    return (ROOT / "docs/site/datasets.md").read_text(encoding="utf-8")


TEXTS = {**PROSE, "numbers": numbers(), "codes": codes(), "program text": program(), "English": english()}


@cache
def exact(model: str) -> RowCounter:
    return counter_for(find_model(model), tokenizer=SHARED / "tokenizers" if model != FAMILIES[2] else SMALL)


SMALL = SHARED / "tokenizers" / "phi-3-small"


def estimating(model: ModelFacts) -> TemplateCounter:
    return TemplateCounter(EstimateMeasure(model, "for a test"), model.template)


def off(true: list[RowTokens], estimated: list[RowTokens]) -> tuple[float, float]:
    """Return by what share of itself an estimate is wrong, and what it says that it may be wrong by."""
    total, guess = sum(row.total for row in true), sum(row.total for row in estimated)
    return abs(total / guess - 1), sum(row.error for row in estimated) / guess


def real_files() -> list[Path]:
    return sorted((SHARED / "data").glob("*.jsonl"))


def rows_of(path: Path) -> Iterator[Any]:
    """Yield every row of a file that can be counted, kept or not; the text within rows of other columns, too."""
    for line in path.read_bytes().decode("utf-8-sig").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        yield {"prompt": row["question"], "completion": row["answer"]} if "question" in row else row


@needs_tokenizers
@pytest.mark.parametrize("model", FAMILIES)
@pytest.mark.parametrize(
    "path", [path for path in real_files() if "pretty" not in path.name], ids=lambda path: path.stem
)
def test_the_estimate_of_a_real_file_is_within_its_bound(path: Path, model: str) -> None:
    rows = list(rows_of(path))
    wrong, bound = off(exact(model).count_each(rows), estimating(find_model(model)).count_each(rows))
    assert wrong <= bound <= 0.35


@needs_tokenizers
@pytest.mark.parametrize("model", FAMILIES)
@pytest.mark.parametrize("kind", TEXTS)
def test_the_estimate_of_a_text_is_within_its_bound(kind: str, model: str) -> None:
    row: Any = {"messages": [{"role": "user", "content": TEXTS[kind]}, {"role": "assistant", "content": TEXTS[kind]}]}
    wrong, bound = off([exact(model).count(row)], [estimating(find_model(model)).count(row)])
    assert wrong <= bound <= 0.40


@needs_tokenizers
@pytest.mark.parametrize("model", FAMILIES)
def test_english_and_program_text_have_the_narrow_bound(model: str) -> None:
    for kind in ("English", "program text", "numbers"):
        row: Any = {"messages": [{"role": "user", "content": TEXTS[kind]}]}
        wrong, bound = off([exact(model).count(row)], [estimating(find_model(model)).count(row)])
        assert wrong <= bound <= (0.20 if kind != "numbers" else 0.40)


def test_every_kind_of_tokenizer_in_the_catalogue_has_weights() -> None:
    assert {model.tokenizer for model in list_models()} == set(WEIGHTS)
    assert {frozenset(weights.table) for weights in WEIGHTS.values()} == {frozenset(FEATURES)}


@pytest.mark.parametrize("kind", WEIGHTS)
@given(text=st.text())
def test_a_token_estimate_is_bounded_by_the_bytes_of_the_text(kind: str, text: str) -> None:
    tokens, error = estimate_text(text, WEIGHTS[kind])
    assert 0 <= tokens - error <= tokens + error <= len(text.encode("utf-8", "surrogatepass")) + 1 + 1e-9


@pytest.mark.parametrize("kind", WEIGHTS)
@given(words=st.lists(st.text(st.characters(codec="utf-8"), min_size=1)), more=st.integers(2, 50))
def test_a_text_repeated_never_has_fewer_tokens(kind: str, words: list[str], more: int) -> None:
    text = " ".join(words) + "\n"
    once, often = estimate_text(text, WEIGHTS[kind]), estimate_text(text * more, WEIGHTS[kind])
    assert once.tokens + once.error <= often.tokens + often.error + 1e-9


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.name)
def test_the_template_is_counted_even_if_the_text_is_estimated(model: ModelFacts) -> None:
    row: Any = {"messages": [{"role": "user", "content": ""}, {"role": "assistant", "content": ""}]}
    markers = {"phi-3": 5, "phi-3-medium": 4, "phi-3-small": 10, "phi-4": 8, "phi-4-mini": 5}
    assert estimating(model).count(row).total == markers[model.template.family]


def test_a_marker_within_a_text_is_one_token() -> None:
    mini = estimating(find_model("Phi-3-mini-4k-instruct"))
    said = [mini.count({"messages": [{"role": "user", "content": text}]}).total for text in ("Yes", "Yes<|end|>")]
    assert said[1] == said[0] + 1


def test_an_estimate_is_never_exact_and_says_why_it_is_one() -> None:
    counter = estimating(find_model("Phi-4"))
    assert counter.source == "an estimate: for a test"
    assert not counter.exact
