"""What a job comes to: tokens by epochs, steps, a rough time, and money by the user's own prices."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_tokenizers import write_tokenizer

from maas_client.catalog.lookup import find_model
from maas_client.datasets.cost.estimate import CostEstimate, estimate_cost
from maas_client.datasets.cost.prices import Price, price_of
from maas_client.datasets.cost.token_report import TokenReport
from maas_client.datasets.cost.training_time import rough_time
from maas_client.errors import InvalidInput

MINI = find_model("Phi-3-mini-4k-instruct")
PRICE = Price(training_per_million_tokens=4.0, currency="USD")


def report(*, kept: int, total: int, error_bound: float = 0.0) -> TokenReport:
    return TokenReport(
        model=MINI.name,
        rows=kept,
        kept=kept,
        total=total,
        learnt=total // 2,
        max=100,
        truncated=0,
        without_answer=0,
        max_seq_length=4096,
        exact=error_bound == 0,
        error_bound=error_bound,
        source="a test",
    )


def estimate(training: TokenReport, validation: TokenReport | None = None, **numbers: int) -> CostEstimate:
    return CostEstimate(
        model=MINI,
        training=training,
        validation=validation,
        epochs=numbers.get("epochs", 1),
        batch_size=numbers.get("batch_size", 1),
        price=PRICE,
    )


def test_without_a_validation_file_a_fifth_is_held_out() -> None:
    found = estimate(report(kept=100, total=50_000), epochs=3)
    assert (found.training_rows, found.tokens_per_epoch) == (80, 40_000)
    assert (found.training_tokens, found.tokens_with_validation) == (120_000, 150_000)


def test_with_a_validation_file_every_row_is_trained_on() -> None:
    found = estimate(report(kept=100, total=50_000), report(kept=10, total=6_000), epochs=3)
    assert (found.training_rows, found.training_tokens, found.tokens_with_validation) == (100, 150_000, 168_000)


@pytest.mark.parametrize(("batch_size", "steps"), [(1, 300), (8, 39), (100, 3), (256, 3)])
def test_the_last_batch_of_an_epoch_may_be_short(batch_size: int, steps: int) -> None:
    found = estimate(report(kept=100, total=1), report(kept=1, total=1), epochs=3, batch_size=batch_size)
    assert found.steps == steps


def test_the_cost_ranges_from_training_alone_to_all_tokens() -> None:
    money = estimate(report(kept=100, total=500_000), report(kept=10, total=250_000), epochs=2).money
    assert money == (4.0, 6.0, 6.0, "USD")
    assert str(money) == "4.00 to 6.00 USD"


def test_the_error_of_an_estimate_widens_the_range_of_money() -> None:
    money = estimate(report(kept=10, total=10**6, error_bound=0.2), report(kept=1, total=0)).money
    assert money is not None
    assert (round(money.least, 2), money.likely, money.most) == (3.2, 4.0, 4.8)


def test_without_a_price_the_cost_is_unknown() -> None:
    found = CostEstimate(model=MINI, training=report(kept=1, total=1), validation=None, epochs=1, batch_size=1)
    assert found.money is None
    assert found.to_dict()["cost"] is None


def test_a_file_is_counted_and_priced(tmp_path: Path) -> None:
    words = write_tokenizer(tmp_path / "tokenizer")
    turns = [{"role": "user", "content": "One two three"}, {"role": "assistant", "content": "Four five"}]
    line = json.dumps({"messages": turns})
    training, validation = tmp_path / "train.jsonl", tmp_path / "validation.jsonl"
    training.write_text(f"{line}\n" * 500)
    validation.write_text(f"{line}\n" * 10)
    prices = prices_file(tmp_path, MINI_PRICES)

    found = estimate_cost(
        training, model=MINI, validation=validation, epochs=2, batch_size=-1, tokenizer=words, prices=prices
    )

    assert (found.training_tokens, found.tokens_with_validation) == (10_000, 10_200)
    assert (found.batch_size, found.steps) == (1, 1000)
    assert found.money == pytest.approx((0.03, 0.0306, 0.0306, "USD"))
    assert json.loads(json.dumps(found.to_dict()))["hosting_per_hour"] == 0.8


@pytest.mark.parametrize(("epochs", "batch_size"), [(0, 1), (1, 0), (1, -2)])
def test_an_out_of_range_number_is_rejected_before_reading(epochs: int, batch_size: int) -> None:
    with pytest.raises(InvalidInput, match=f"epochs is {epochs} and batch_size is {batch_size}"):
        estimate_cost("nowhere.jsonl", model=MINI, epochs=epochs, batch_size=batch_size)


def test_the_rough_time_grows_with_tokens_beyond_that_of_steps() -> None:
    short, long = (rough_time(MINI, tokens=tokens, steps=100) for tokens in (1_000, 100_000_000))
    assert (short.least, short.most) == (20.0, 150.0)
    assert long.least > 1_000 * short.least / 100
    assert long.most > long.least
    assert rough_time(find_model("Phi-3.5-MoE-instruct"), tokens=10**8, steps=1).least < 2 * long.least


def test_a_rough_time_has_few_digits() -> None:
    assert str(rough_time(MINI, tokens=0, steps=100)) == "20 s to 2 min"
    assert str(rough_time(MINI, tokens=10**9, steps=1)) == "34 h to 338 h"


MINI_PRICES = """
[models."Phi-3-mini-4k-instruct"]
training_per_million_tokens = 3.0
currency = "USD"
hosting_per_hour = 0.8
"""


def prices_file(folder: Path, content: str, name: str = "prices.toml") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_price_is_read_from_toml_in_any_case_of_the_name(tmp_path: Path) -> None:
    expected = Price(training_per_million_tokens=3.0, currency="USD", hosting_per_hour=0.8)
    assert price_of(MINI, prices_file(tmp_path, MINI_PRICES.lower().replace("usd", "USD"))) == expected


def test_a_price_is_read_from_json(tmp_path: Path) -> None:
    content = json.dumps({"models": {MINI.name: {"training_per_million_tokens": 3, "currency": "EUR"}}})
    price = price_of(MINI, prices_file(tmp_path, content, "prices.json"))
    assert price == Price(training_per_million_tokens=3.0, currency="EUR")


WRONG = {
    "currency = 3": r'models."Phi-3-mini-4k-instruct"\.currency must be a string.*but is 3',
    "": r"currency must be a string such as \"USD\", but is missing",
    'currency = "USD"': r"training_per_million_tokens must be a non-negative number.*missing",
    'currency = "USD"\ntraining_per_million_tokens = "three"': r"training_per_million_tokens must be .*'three'",
    'currency = "USD"\ntraining_per_million_tokens = -1': "must be a non-negative number, but is -1",
    'currency = "USD"\ntraining_per_million_tokens = nan': "but is nan",
    'currency = "USD"\ntraining_per_million_tokens = true': "but is True",
    'currency = "USD"\ntraining_per_million_tokens = 3\nhosting_per_hour = "x"': "hosting_per_hour must be a non",
    'currency = "USD"\ntraining_per_1M = 3': "training_per_1M is an unknown key; known keys are currency, hosting",
}


@pytest.mark.parametrize(("entry", "complaint"), WRONG.items(), ids=list(WRONG.values()))
def test_a_wrong_price_is_refused_by_the_name_of_its_key(tmp_path: Path, entry: str, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        price_of(MINI, prices_file(tmp_path, f'[models."Phi-3-mini-4k-instruct"]\n{entry}\n'))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "models must be a table of prices, but is missing"),
        ("models = 3", "models must be a table"),
        ("[model]\n", "model is an unknown key; known keys are machines, models"),
        ("[models", "the prices cannot be read"),
        ('[models."Phi-4"]\n', "there is no price for Phi-3-mini-4k-instruct; the prices are for: Phi-4"),
        ('[models]\n"Phi-3-mini-4k-instruct" = 3', r'models."Phi-3-mini-4k-instruct" must be a table'),
    ],
)
def test_a_file_that_has_no_such_price_is_refused(tmp_path: Path, content: str, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        price_of(MINI, prices_file(tmp_path, content))


@pytest.mark.parametrize("name", ["prices.toml", "prices.json"])
def test_a_price_file_is_read_in_utf_16(tmp_path: Path, name: str) -> None:
    entry = {"training_per_million_tokens": 3.2, "currency": "€"}
    table = '[models."Phi-3-mini-4k-instruct"]\r\ntraining_per_million_tokens = 3.2\r\ncurrency = "€"\r\n'
    content = json.dumps({"models": {MINI.name: entry}}, ensure_ascii=False) if name.endswith("json") else table
    (tmp_path / name).write_text(content, "utf-16")
    assert price_of(MINI, tmp_path / name) == Price(training_per_million_tokens=3.2, currency="€")


def test_prices_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="the prices cannot be read"):
        price_of(MINI, tmp_path / "nowhere.toml")
