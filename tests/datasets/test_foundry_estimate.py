"""What a job on Azure AI Foundry takes: tokens of the training file by epochs, hours, and the user's own prices."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from small_tokenizers import write_tokenizer

from maas_client import InvalidInput, find_model, find_offer
from maas_client.catalog.tuning_methods import TrainingTier
from maas_client.datasets.cost.estimate import CostEstimate
from maas_client.datasets.cost.foundry_estimate import (
    ASSUMED_EPOCHS,
    FoundryCostEstimate,
    estimate_foundry_cost,
    foundry_estimate_html,
)
from maas_client.datasets.cost.foundry_prices import FoundryPrice, foundry_price_of, foundry_template
from maas_client.datasets.cost.training_estimate import estimate_training
from maas_client.datasets.tokens.foundry_row_texts import texts_of
from maas_client.datasets.tokens.openai_encodings import cached_encoding, cached_file
from maas_client.datasets.tokens.text_counting import text_counter_for
from maas_client.datasets.tokens.tokenizer_lookup import SearchPath
from maas_client.errors import NotOffered

MINI, O4, OPEN = find_offer("gpt-4.1-mini"), find_offer("o4-mini"), find_offer("Ministral-3B")
ROW = {"messages": [{"role": "user", "content": "one two three"}, {"role": "assistant", "content": "four five"}]}
PREFERENCE = {
    "input": {"messages": [{"role": "user", "content": "one two"}]},
    "preferred_output": [{"role": "assistant", "content": "three"}],
    "non_preferred_output": [{"role": "assistant", "content": "four five six"}],
}


@pytest.fixture(autouse=True)
def no_tokenizers_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without any tokenizer."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "empty"))
    monkeypatch.delenv("MAAS_TOKENIZERS", raising=False)


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """The folder of a tokenizer that counts every word as a token."""
    return write_tokenizer(tmp_path / "words")


def written(folder: Path, rows: Sequence[Mapping[str, Any] | str]) -> Path:
    file = folder / "train.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def prices(folder: Path, text: str) -> Path:
    file = folder / "prices.toml"
    file.write_text(text, "utf-8")
    return file


def test_the_tokens_of_the_file_are_billed_in_each_epoch(tmp_path: Path, words: Path) -> None:
    file = written(tmp_path, [ROW] * 10)
    million = '[models."gpt-4.1-mini"]\ntraining_per_million_tokens = 1000000\ncurrency = "USD"'
    found = estimate_foundry_cost(file, model=MINI, epochs=2, tokenizer=words, prices=prices(tmp_path, million))
    each_row = 5 + 2 * 4 + 3  # the words, around each message, and around the row
    assert (found.training.total, found.training.longest, found.training.learnt) == (10 * each_row, each_row, 20)
    assert found.training_tokens == 2 * 10 * each_row
    assert str(found.money) == "320.00 USD"
    assert (found.method, found.tier, found.epochs_assumed, found.error_bound) == (
        "supervised",
        "GlobalStandard",
        False,
        0,
    )


def test_without_epochs_an_assumption_is_marked_as_one(tmp_path: Path) -> None:
    found = estimate_foundry_cost(written(tmp_path, [ROW]), model=MINI)
    assert (found.epochs, found.epochs_assumed, found.money) == (ASSUMED_EPOCHS, True, None)
    with pytest.raises(InvalidInput, match="epochs is 0"):
        estimate_foundry_cost(tmp_path / "train.jsonl", model=MINI, epochs=0)


def test_preferences_are_counted_once_and_choose_the_method(tmp_path: Path, words: Path) -> None:
    file = written(tmp_path, [PREFERENCE] * 3)
    found = estimate_foundry_cost(file, model=MINI, tokenizer=words)
    assert found.method == "dpo"
    assert found.training.total == 3 * (6 + 3 * 4 + 3)
    assert found.training.learnt == 3 * 4
    assert estimate_foundry_cost(file, model=OPEN, tokenizer=words).method == "supervised"
    assert estimate_foundry_cost(file, model=MINI, tokenizer=words, method="supervised").method == "supervised"


def test_lines_that_are_no_rows_are_not_counted(tmp_path: Path, words: Path) -> None:
    found = estimate_foundry_cost(written(tmp_path, [ROW, "{}", "no json", "[]", ROW]), model=MINI, tokenizer=words)
    assert (found.training.rows, found.training.counted) == (5, 2)


def test_tools_names_and_calls_count_and_images_do_not() -> None:
    tool = {"type": "function", "function": {"name": "f"}}
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    image = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    row: dict[str, Any] = {
        "messages": [
            {"role": "user", "name": "Ada", "content": [{"type": "text", "text": "look"}, image]},
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "1", "content": "sunny"},
            {"role": "assistant", "content": "no", "weight": 0},
            {"role": "assistant", "content": "yes"},
            "not a message",
        ],
        "tools": [tool],
    }
    found = texts_of(row)
    assert found is not None
    assert [each.text for each in found.texts if each.learnt] == ["", "f", '{"a": 1}', "yes"]
    assert {each.text for each in found.texts if not each.learnt} == {"look", "Ada", "sunny", "no", json.dumps([tool])}
    assert (found.images, found.around) == (1, 5 * 4 + 1 + 3)


def test_reinforcement_is_billed_by_the_hour(tmp_path: Path) -> None:
    by_hour = prices(tmp_path, '[models."o4-mini"]\ntraining_per_hour = 100\ncurrency = "USD"')
    found = estimate_foundry_cost(written(tmp_path, [ROW]), model=O4, prices=by_hour)
    assert found.by_the_hour
    assert found.money is None
    assert found.to_dict()["training_per_hour"] == 100
    assert "by the hour of training" in foundry_estimate_html(found)


def test_an_estimate_is_plain_json_and_html(tmp_path: Path) -> None:
    found = estimate_foundry_cost(written(tmp_path, [ROW] * 3), model=MINI)
    assert json.loads(found.to_json()) == found.to_dict()
    assert "assumed: the service chooses" in foundry_estimate_html(found)
    assert "gpt-4.1-mini-2025-04-14" in repr(found)
    assert "GlobalStandard" not in repr(found)


def test_an_estimate_has_a_bound_that_its_money_uses(tmp_path: Path) -> None:
    one = prices(tmp_path, f'[models."{MINI.name}"]\ntraining_per_million_tokens = 1\ncurrency = "EUR"')
    file = written(tmp_path, [ROW] * 100)
    found = estimate_foundry_cost(file, model=MINI, epochs=1, prices=one)
    money = found.money
    assert money is not None
    assert 0 < found.error_bound < 0.5
    assert money.least < money.likely < money.most
    assert money.most == pytest.approx(money.likely * (1 + found.error_bound))


FULL = """
[models."gpt-4.1-mini-2025-04-14"]
training_per_million_tokens = 4.0
currency = "USD"
hosting_per_hour = 1.7
[models."gpt-4.1-mini-2025-04-14".Developer]
training_per_million_tokens = 2.0
[models."gpt-4.1-mini-2025-04-14".standard]
training_per_million_tokens = 5.0
"""


@pytest.mark.parametrize(
    ("tier", "price"), [(None, 4.0), ("GlobalStandard", 4.0), ("Developer", 2.0), ("Standard", 5.0)]
)
def test_a_tier_has_a_price_of_its_own(tmp_path: Path, tier: TrainingTier | None, price: float) -> None:
    expected = FoundryPrice(currency="USD", training_per_million_tokens=price, hosting_per_hour=1.7)
    assert foundry_price_of(MINI, prices(tmp_path, FULL), tier=tier) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            '[models."gpt-4.1"]\ncurrency = "USD"',
            "there is no price for gpt-4.1-mini-2025-04-14; the prices are for: g",
        ),
        ('[models."gpt-4.1-mini"]\ncurrency = "USD"', "neither training_per_million_tokens nor training_per_hour"),
        ('[models."gpt-4.1-mini"]\ntraining_per_hour = 1', "currency must be a string"),
        ('[models."gpt-4.1-mini"]\ntraining_per_hour = nan\ncurrency = "USD"', "must be a non-negative number"),
        ('[models."gpt-4.1-mini"]\nprice = 1', "price is an unknown key"),
        ('[models."gpt-4.1-mini".Developer]\nprice = 1', "Developer.price is an unknown key"),
        ('[models."gpt-4.1-mini".cheap]\nprice = 1', "cheap is an unknown key"),
        ('{"Items": []}', "understood for models of Azure ML only"),
    ],
)
def test_a_wrong_price_is_answered_with_the_lines_it_needs(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        foundry_price_of(MINI, prices(tmp_path, text))
    assert says in str(caught.value)
    assert '\n  [models."gpt-4.1-mini-2025-04-14"]\n' in str(caught.value)


def test_the_template_is_refused_until_it_is_filled_in(tmp_path: Path) -> None:
    template = foundry_template([MINI, O4])
    with pytest.raises(InvalidInput, match="must be a non-negative number"):
        foundry_price_of(MINI, prices(tmp_path, template))
    filled = prices(tmp_path, template.replace("nan", "3"))
    assert foundry_price_of(MINI, filled).training_per_million_tokens == 3
    assert foundry_price_of(O4, filled).training_per_hour == 3


def test_a_tokenizer_is_found_by_the_models_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tokenizer(tmp_path / "all" / "Ministral-3B")
    assert text_counter_for(OPEN, tokenizer=tmp_path / "all").exact
    monkeypatch.setenv("MAAS_TOKENIZERS", str(tmp_path / "all"))
    assert text_counter_for(OPEN, exact=True).exact
    assert not text_counter_for(MINI).exact
    with pytest.raises(InvalidInput, match=r"there is no tokenizer\.json of gpt-4\.1-mini"):
        text_counter_for(MINI, tokenizer=tmp_path / "all")


def test_an_estimate_says_why_it_is_one() -> None:
    assert text_counter_for(MINI).source.endswith("no tokenizer of gpt-4.1-mini-2025-04-14 in the cache of tiktoken")
    assert "the figures are those of cl100k, not of this model" in text_counter_for(OPEN).source
    with pytest.raises(InvalidInput, match="allow the download"):
        text_counter_for(MINI, exact=True)
    with pytest.raises(InvalidInput, match="name its folder"):
        text_counter_for(OPEN, exact=True)


def test_only_the_published_encoding_is_taken_from_the_cache(tmp_path: Path) -> None:
    around = SearchPath(variables={"TIKTOKEN_CACHE_DIR": str(tmp_path)}, home=tmp_path, temporary=tmp_path)
    assert cached_encoding(around) is None
    cached_file(around).write_bytes(b"IQ== 0\n")
    assert cached_encoding(around) is None


def test_each_surface_estimates_its_own_models(tmp_path: Path) -> None:
    file = written(tmp_path, [ROW] * 10)
    phi = find_model("Phi-4-mini-instruct")
    assert isinstance(estimate_training(file, model=phi, method="sft"), CostEstimate)
    assert isinstance(estimate_training(file, model=MINI, method="SFT", training_tier="developer"), FoundryCostEstimate)


@pytest.mark.parametrize(
    ("model", "arguments", "says"),
    [
        (
            MINI,
            {"max_seq_length": 512},
            "max_seq_length=512 is not offered by Azure AI Foundry; Azure Machine Learning",
        ),
        (MINI, {"task": "text"}, "task='text' is not offered by Azure AI Foundry"),
        (find_model("Phi-4"), {"method": "dpo"}, "method='dpo' is not offered by Azure Machine Learning; Azure AI Fou"),
        (find_model("Phi-4"), {"training_tier": "Developer"}, "training_tier='Developer' is not offered by Azure Mach"),
    ],
)
def test_what_a_surface_lacks_is_named_with_the_other(
    tmp_path: Path, model: Any, arguments: dict[str, Any], says: str
) -> None:
    with pytest.raises(NotOffered) as caught:
        estimate_training(written(tmp_path, [ROW]), model=model, **arguments)
    assert says in str(caught.value)
