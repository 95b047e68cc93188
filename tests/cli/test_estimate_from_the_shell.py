"""`maas estimate`, and cost limits of `maas jobs create`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import pytest
from small_tokenizers import write_tokenizer

from mock_server.server import Server
from tests.cli.shell import MODEL, Shell, chat_row

Write = Callable[[str, Sequence[str]], str]


@pytest.fixture
def maas(maas: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell on a machine without a tokenizer."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "no-cache"))
    return maas


@pytest.fixture
def words(tmp_path: Path) -> str:
    """The folder of a tokenizer that counts every word as a token."""
    return str(write_tokenizer(tmp_path / "words", tokens=200_020))


@pytest.fixture
def prices(write: Write) -> str:
    """Prices of one dollar per token."""
    price = ["training_per_million_tokens = 1000000", 'currency = "USD"', "hosting_per_hour = 0.8"]
    return write("prices.toml", [f'[models."{MODEL}"]', *price])


@pytest.fixture
def small(write: Write) -> str:
    """Ten rows of nine tokens each: four special tokens, end of text, and four words."""
    return write("small.jsonl", [chat_row("one two", "three four")] * 10)


def requests(server: Server) -> list[str]:
    journal = httpx.get(f"{server.endpoint}/_mock/requests").json()
    return [f"{each['method']} {each['url']}" for each in journal["requests"]]


def test_tokens_steps_and_cost_are_exact_with_a_tokenizer(maas: Shell, small: str, words: str, prices: str) -> None:
    output = maas.done(
        *("estimate", small, "--model", MODEL, "--epochs", "3", "--tokenizer", words, "--prices", prices)
    )
    assert "10 of 10 kept" in output
    assert "exact, by the tokenizer in" in output
    assert "72 in 8 rows" in output
    assert "216 in 3 epochs" in output
    assert "270 including the rows that the service splits off" in output
    assert "24, 1 row each" in output
    assert "216.00 to 270.00 USD; 270.00 if the validation rows are billed" in output
    assert "0.8 USD per hour, whether used or not" in output


def test_a_validation_file_is_counted_apart(maas: Shell, small: str, words: str) -> None:
    output = maas.done(
        "estimate", small, "--model", MODEL, "--validation-data", small, "--tokenizer", words, "--output", "json"
    )
    found = json.loads(output)
    assert (found["training_tokens"], found["tokens_with_validation"]) == (90, 180)
    assert found["validation"]["kept"] == 10
    assert found["exact"] is True


def test_without_a_tokenizer_counts_are_marked_as_estimates(maas: Shell, small: str) -> None:
    result = maas("estimate", small, "--model", MODEL)
    assert result.exit_code == 0
    assert "an estimate: there is no tokenizer of Phi-4-mini-instruct in MAAS_TOKENIZERS and" in result.stdout
    assert "% for most text" in result.stdout
    assert "there are no built-in prices" in result.stdout
    assert "nothing measured" in result.stderr
    assert "whether it bills them is unknown" in result.stderr


def test_exact_without_a_tokenizer_is_a_usage_error_with_a_hint(maas: Shell, small: str) -> None:
    result = maas("estimate", small, "--model", MODEL, "--exact")
    assert result.exit_code == 2
    assert "--tokenizer" in result.stderr
    assert "--download-tokenizer" in result.stderr


def test_a_tokenizer_is_found_through_the_variable(
    maas: Shell, small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tokenizer(tmp_path / "all" / "phi-4-mini", tokens=200_020)
    monkeypatch.setenv("MAAS_TOKENIZERS", str(tmp_path / "all"))
    assert "72 in 8 rows" in maas.done("estimate", small, "--model", MODEL, "--exact")


def test_truncated_and_dropped_rows_are_counted(maas: Shell, write: Write, words: str) -> None:
    long, late = chat_row("one", "w " * 30), chat_row("w " * 30, "one")
    mixed = write("mixed.jsonl", [*[chat_row("one", "two")] * 10, long, late, "{}"])
    output = maas.done("estimate", mixed, "--model", MODEL, "--tokenizer", words, "--max-seq-length", "20")
    assert (
        "11 of 13 kept; 1 dropped; 1 truncated to 20 tokens; 1 dropped because truncation removes the answer" in output
    )


def test_above_the_limit_the_estimate_is_shown_with_exit_code_1(
    maas: Shell, small: str, words: str, prices: str
) -> None:
    command = ["estimate", small, "--model", MODEL, "--tokenizer", words, "--prices", prices, "--max-cost"]
    assert maas(*command, "90").exit_code == 0
    refused = maas(*command, "89.99")
    assert refused.exit_code == 1
    assert "72.00 to 90.00 USD" in refused.stdout
    assert refused.stderr.endswith("error: training may cost 90.00 USD, more than --max-cost 89.99\n")


def test_the_limit_counts_the_upper_end_of_an_estimate(maas: Shell, write: Write, prices: str) -> None:
    rows = [chat_row("ಹತ್ತಿರದ ನಿಲ್ದಾಣ ಎಲ್ಲಿದೆ?", "ಅಂಗಡಿ ನಾಳೆ ಬೆಳಿಗ್ಗೆ ಒಂಬತ್ತು ಗಂಟೆಗೆ ತೆರೆಯುತ್ತದೆ.")] * 20
    command = ["estimate", write("kannada.jsonl", rows), "--model", MODEL, "--prices", prices, "--output", "json"]
    found = json.loads(maas.done(*command))
    cost, bound = found["cost"], found["error_bound"]
    assert cost["likely"] == found["tokens_with_validation"]
    assert cost["most"] == pytest.approx(cost["likely"] * (1 + bound))
    assert cost["least"] == pytest.approx(found["training_tokens"] * (1 - bound))
    assert maas(*command, "--max-cost", str(cost["most"] + 0.01)).exit_code == 0
    refused = maas(*command, "--max-cost", str(cost["most"] - 0.01))
    assert refused.exit_code == 1
    assert f"within {bound:.0%}" in refused.stderr


@pytest.mark.parametrize("options", [[], ["--max-seq-length", "30"], ["--task", "chat"]], ids=" ".join)
def test_the_check_and_the_estimate_state_the_same_tokens(maas: Shell, write: Write, options: list[str]) -> None:
    rows = [chat_row(f"Where is room {number}?", "दुकान कल सुबह नौ बजे खुलती है। " * number) for number in range(12)]
    command = [write("mixed.jsonl", [*rows, "{}"]), "--model", MODEL, *options]
    found = json.loads(maas.done("estimate", *command, "--output", "json"))["training"]
    bound = f"estimated within {found['error_bound']:.0%} for most text"
    checked = maas("check", *command)
    assert f"tokens      {found['total']:,} in {found['kept']:,} rows, {bound}" in checked.stdout
    counts = json.loads(maas("check", *command, "--output", "json").stdout)["counts"]
    cut = counts.get("row-truncated", 0), counts.get("row-answer-cut-off", 0)
    assert (sum(cut), cut[1]) == (found["truncated"], found["without_answer"])


def test_the_check_counts_tokens_with_the_named_tokenizer(maas: Shell, small: str, words: str) -> None:
    assert "tokens      90 in 10 rows\n" in maas.done("check", small, "--model", MODEL, "--tokenizer", words)


@pytest.mark.parametrize("command", [["estimate"], ["jobs", "create", "--training-data"]])
def test_a_limit_without_prices_is_a_usage_error(maas: Shell, small: str, command: list[str]) -> None:
    result = maas(*command, small, "--model", MODEL, "--max-cost", "5")
    assert result.exit_code == 2
    assert "--max-cost requires --prices" in result.stderr


def test_a_file_without_usable_rows_fails_and_suggests_the_check(maas: Shell, write: Write) -> None:
    result = maas("estimate", write("bad.jsonl", ["{}"]), "--model", MODEL)
    assert result.exit_code == 1
    assert f"try: maas check bad.jsonl --model {MODEL}" in result.stderr


def test_a_wrong_price_names_its_key(maas: Shell, small: str, write: Write) -> None:
    wrong = write("prices.toml", [f'[models."{MODEL}"]', 'currency = "USD"'])
    result = maas("estimate", small, "--model", MODEL, "--prices", wrong)
    assert result.exit_code == 2
    assert f'models."{MODEL}".training_per_million_tokens must be a non-negative number' in result.stderr


def test_an_estimate_sends_no_request(maas: Shell, small: str, server: Server) -> None:
    maas.done("estimate", small, "--model", MODEL)
    assert requests(server) == []


def test_a_create_above_the_cost_limit_sends_nothing(maas: Shell, server: Server, small: str, prices: str) -> None:
    result = maas(
        *("jobs", "create", "--model", MODEL, "--training-data", small, "--epochs", "3"),
        *("--prices", prices, "--max-cost", "100"),
    )
    assert result.exit_code == 1
    assert "more than --max-cost" in result.stderr
    assert "tokens are estimated" in result.stderr
    assert requests(server) == []


def test_a_create_within_the_cost_limit_prints_its_cost(maas: Shell, small: str, validation: str, prices: str) -> None:
    result = maas(
        *("jobs", "create", "--model", MODEL, "--training-data", small, "--validation-data", validation),
        *("--name", "ft-1", "--prices", prices, "--max-cost", "1000"),
    )
    assert result.exit_code == 0
    assert "training costs about " in result.stderr
    assert "ft-1" in result.stdout


def test_the_portals_names_of_epochs_count_towards_the_limit(
    maas: Shell, server: Server, small: str, prices: str
) -> None:
    words = ["jobs", "create", "--model", MODEL, "--training-data", small, "--prices", prices, "--max-cost", "1000"]
    assert maas(*words, "--hyperparameter", "n_epochs=100").exit_code == 1
    assert requests(server) == []


@pytest.mark.parametrize("option", ["--training-data", "--validation-data"])
def test_a_data_asset_cannot_have_a_cost_limit(
    maas: Shell, server: Server, small: str, prices: str, option: str
) -> None:
    data = ["--training-data", small, "--validation-data", small, option, "shop-data:1"]
    result = maas("jobs", "create", "--model", MODEL, *data, "--prices", prices, "--max-cost", "5")
    assert result.exit_code == 2
    assert "require local files to count; shop-data:1 is not a local file" in result.stderr
    assert requests(server) == []


def test_own_compute_has_no_price_by_tokens(maas: Shell, small: str, prices: str) -> None:
    result = maas("jobs", "create", "--model", MODEL, "--training-data", small, "--prices", prices, "--compute", "gpus")
    assert result.exit_code == 2
    assert "your own compute is billed by the hour" in result.stderr


def test_the_template_of_prices_is_filled_in_and_used(maas: Shell, small: str, words: str, tmp_path: Path) -> None:
    template = maas.done("estimate", "--prices-template")
    assert "Phi-3" not in template  # nothing that can no longer be trained
    (tmp_path / "prices.toml").write_text(template.replace("nan", "1000000", 1).replace("nan", "1000000"))
    priced = ("estimate", small, "--model", MODEL, "--tokenizer", words, "--prices", str(tmp_path / "prices.toml"))
    assert "72.00 to 90.00 USD" in maas.done(*priced)


def test_a_saved_response_of_azures_prices_is_used(maas: Shell, small: str, words: str, tmp_path: Path) -> None:
    item = {"unitOfMeasure": "1K", "retailPrice": 1000.0, "currencyCode": "USD", "armRegionName": "eastus2"}
    items = [{**item, "meterName": f"Phi-4-mini {meter}"} for meter in ("FT Training Tokens", "Inp Tokens")]
    (tmp_path / "prices.json").write_text(json.dumps({"Items": items}))
    saved = str(tmp_path / "prices.json")
    result = maas("estimate", small, "--model", MODEL, "--tokenizer", words, "--prices", saved)
    assert "72.00 to 90.00 USD" in result.stdout
    assert "1 meter was ignored" in result.stderr


def test_a_wrong_price_file_is_answered_with_the_lines_it_needs(maas: Shell, small: str, write: Write) -> None:
    wrong = write("prices.toml", [f'[models."{MODEL}"]', "price = 3"])
    result = maas("estimate", small, "--model", MODEL, "--prices", wrong)
    assert result.exit_code == 2
    assert "price is an unknown key" in result.stderr
    assert "\n  training_per_million_tokens = 1.50\n" in result.stderr
    assert result.stderr.endswith("try: maas estimate --prices-template > prices.toml\n")


FOUNDRY = "gpt-4.1-mini-2025-04-14"


@pytest.fixture
def foundry_prices(write: Write) -> str:
    """A dollar per token, half of it on the Developer tier; and by the hour."""
    by_tokens = ["training_per_million_tokens = 1000000", 'currency = "USD"', "hosting_per_hour = 1.7"]
    developer = [f'[models."{FOUNDRY}".Developer]', "training_per_million_tokens = 500000"]
    by_hour = ['[models."o4-mini"]', "training_per_hour = 100", 'currency = "USD"']
    return write("foundry.toml", [f'[models."{FOUNDRY}"]', *by_tokens, *developer, *by_hour])


def test_a_model_of_foundry_is_billed_for_the_file_by_epochs(
    maas: Shell, small: str, words: str, foundry_prices: str, server: Server
) -> None:
    command = ("estimate", small, "--model", "gpt-4.1-mini", "--tokenizer", words, "--prices", foundry_prices)
    output = maas.done(*command, "--epochs", "2")
    assert "10 of 10 have messages" in output
    assert "300 billed in 2 epochs" in output
    assert "300.00 USD" in output
    assert "1.7 USD per hour, used or not" in output
    assert "150.00 USD" in maas.done(*command, "--epochs", "2", "--training-tier", "developer")
    assumed = maas(*command)
    assert "the service chooses the epochs; 3 are assumed" in assumed.stderr
    assert "450 billed in 3 epochs" in assumed.stdout
    assert requests(server) == []


def test_a_cost_limit_holds_for_a_model_of_foundry(maas: Shell, small: str, words: str, foundry_prices: str) -> None:
    command = ("estimate", small, "--model", FOUNDRY, "--tokenizer", words, "--prices", foundry_prices, "--epochs", "2")
    assert maas(*command, "--max-cost", "300").exit_code == 0
    refused = maas(*command, "--max-cost", "299.99")
    assert (refused.exit_code, "more than --max-cost 299.99" in refused.stderr) == (1, True)


def test_reinforcement_is_shown_by_the_hour_and_has_no_limit(maas: Shell, small: str, foundry_prices: str) -> None:
    command = ("estimate", small, "--model", "o4-mini", "--prices", foundry_prices)
    shown = maas(*command)
    assert "by the hour of training, which a file does not determine: 100 USD per hour" in shown.stdout
    assert "pauses itself at a spending limit" in shown.stderr
    refused = maas(*command, "--max-cost", "5")
    assert (refused.exit_code, "cannot be limited before it runs" in refused.stderr) == (2, True)


def test_an_option_of_the_other_surface_is_refused(maas: Shell, small: str) -> None:
    refused = maas("estimate", small, "--model", FOUNDRY, "--max-seq-length", "512")
    assert (refused.exit_code, "is not offered by Azure AI Foundry" in refused.stderr) == (2, True)
    refused = maas("estimate", small, "--model", MODEL, "--training-tier", "Developer")
    assert (refused.exit_code, "is not offered by Azure Machine Learning" in refused.stderr) == (2, True)


def test_the_template_has_the_models_of_both_surfaces(maas: Shell) -> None:
    template = maas.done("estimate", "--prices-template")
    assert f'[models."{MODEL}"]' in template
    assert f'[models."{FOUNDRY}"]' in template
    assert "training_per_hour = nan  # of training, GlobalStandard" in template
