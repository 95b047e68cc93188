"""Azure's retail prices: the meters that are understood, and what is said of the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from maas_client.catalog.lookup import find_model
from maas_client.datasets.cost.prices import Price, price_of, template
from maas_client.datasets.cost.retail_prices import items_of, retail_price
from maas_client.errors import InvalidInput

MINI, PHI_4 = find_model("Phi-4-mini-instruct"), find_model("Phi-4")


def item(meter: str = "Phi-4-mini FT Training Tokens", unit: str = "1K", price: object = 0.003, **more: object) -> Any:
    base = {"productName": "Azure AI Phi", "skuName": "", "type": "Consumption", "tierMinimumUnits": 0.0}
    return {
        **base,
        "meterName": meter,
        "unitOfMeasure": unit,
        "retailPrice": price,
        "unitPrice": price,
        "currencyCode": "USD",
        "armRegionName": "eastus2",
        **more,
    }


HOSTING = item("Phi-4-mini FT Hosting", "1 Hour", 0.8)
INFERENCE = item("Phi-4-mini Inp Tokens")


def test_a_saved_response_is_a_price_file(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({"BillingCurrency": "USD", "Items": [INFERENCE, item(), HOSTING], "Count": 3}))
    assert price_of(MINI, path) == Price(
        training_per_million_tokens=3.0,
        currency="USD",
        hosting_per_hour=0.8,
        note=f"{path}: 1 meter was ignored, as not for training or hosting Phi-4-mini-instruct: Phi-4-mini Inp Tokens",
    )


def test_a_response_pasted_into_a_toml_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(json.dumps([item()], indent=2))
    assert price_of(MINI, path).training_per_million_tokens == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("unit", "price", "per_million"),
    [("1K", 0.003, 3.0), ("1M", 3, 3.0), ("1K Tokens", 0.003, 3.0), ("1,000 Tokens", 0.003, 3.0), ("10M", 30, 3.0)],
)
def test_a_price_of_tokens_is_converted_to_a_million(unit: str, price: float, per_million: float) -> None:
    assert retail_price(MINI, [item(unit=unit, price=price)]).training_per_million_tokens == pytest.approx(per_million)


@pytest.mark.parametrize(("unit", "per_hour"), [("1 Hour", 8.0), ("10 Hours", 0.8), ("1/Hour", 8.0)])
def test_a_price_of_hosting_is_converted_to_an_hour(unit: str, per_hour: float) -> None:
    found = retail_price(MINI, [item(), item("Phi-4-mini-instruct hosting", unit, 8)])
    assert found.hosting_per_hour == pytest.approx(per_hour)


@pytest.mark.parametrize(
    "other",
    [
        INFERENCE,
        item("Phi-4 FT Training Tokens"),
        item("Phi-4-mini-reasoning FT Training Tokens"),
        item("Phi-4-multimodal-instruct FT Training"),
        item(unit="1 Hour"),
        item(unit="1"),
        item(unit="0K"),
        item(unit="1..K"),
        item(type="Reservation"),
        item(tierMinimumUnits=1000.0),
        item(price="0.003"),
        item(price=-1),
        item(price=float("nan")),
        item(price=True),
        {},
        "Phi-4-mini FT Training Tokens",
    ],
    ids=str,
)
def test_another_meter_is_no_price_and_is_counted(other: object) -> None:
    assert "none of the 1 meters is a price for training Phi-4-mini" in retail_price(MINI, [other]).problem
    found = retail_price(MINI, [other, item()])
    assert (found.problem, found.training_per_million_tokens) == ("", 3.0)
    assert found.note.startswith("1 meter was ignored")


def test_a_longer_name_is_not_the_shorter_model() -> None:
    assert retail_price(PHI_4, [item()]).problem
    assert retail_price(PHI_4, [item("Phi-4 FT Training Tokens", price=0.01)]).training_per_million_tokens == 10.0


def test_prices_of_several_regions_have_to_be_narrowed_down() -> None:
    problem = retail_price(MINI, [item(), item(price=0.004, armRegionName="westus3")]).problem
    assert problem == (
        "there are several prices for training of Phi-4-mini-instruct: 3 (eastus2), 4 (westus3); "
        "keep the items of your region"
    )
    assert retail_price(MINI, [item(), item(armRegionName="westus3")]).problem == ""


def test_the_prices_have_one_currency() -> None:
    assert "EUR and USD" in retail_price(MINI, [item(), {**HOSTING, "currencyCode": "EUR"}]).problem
    assert "`currencyCode` must be one" in retail_price(MINI, [item(currencyCode=None)]).problem


def test_meters_that_look_like_the_model_are_named_first() -> None:
    others = [item(f"D{number} VM", "1 Hour") for number in range(9)]
    note = retail_price(MINI, [*others, INFERENCE, item()]).note
    assert note.startswith("10 meters were ignored")
    assert note.endswith("Phi-4-mini-instruct: Phi-4-mini Inp Tokens, D0 VM, D1 VM, …")


@pytest.mark.parametrize(
    ("content", "expected"),
    [({"Items": []}, []), ([1], [1]), ({"models": {}}, None), ("Items", None), ({"Items": 3}, None), (None, None)],
)
def test_a_response_is_distinguished_from_a_price_file(content: object, expected: object) -> None:
    assert items_of(content) == expected


def test_an_error_shows_the_lines_that_are_expected(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text("prices = 3\n")
    with pytest.raises(InvalidInput) as caught:
        price_of(MINI, path)
    lines = str(caught.value).splitlines()
    assert lines[1:5] == [
        "expected lines such as (the numbers are examples):",
        '  [models."Phi-4-mini-instruct"]',
        "  training_per_million_tokens = 1.50",
        '  currency = "USD"',
    ]
    assert lines[-1] == "try: maas estimate --prices-template > prices.toml"
    path.write_text("\n".join(lines[2:-1]))
    assert price_of(MINI, path) == Price(training_per_million_tokens=1.5, currency="USD")


def test_a_template_is_refused_until_it_is_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(template([PHI_4, MINI]))
    with pytest.raises(InvalidInput, match="but is nan"):
        price_of(MINI, path)
    path.write_text(template([PHI_4, MINI]).replace("= nan", "= 2.5").replace("# hosting", "hosting"))
    assert price_of(PHI_4, path) == Price(training_per_million_tokens=2.5, currency="USD", hosting_per_hour=2.5)
