"""What a verification may cost is known before: a limit holds, also where a price is unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from maas_client.contract.operation import Level, Surface
from maas_client.errors import InvalidInput
from maas_client.verification.machine_choice import MachineChoice
from maas_client.verification.price import PricePart, TokenPrices, TooExpensive, VerificationPrice, price_of
from maas_client.verification.verification import FOUNDRY_MODELS, MODEL
from mock_server.server import Server
from tests.verification.conftest import Verify

WORKSPACE = (Surface.AZURE_ML, Surface.OWN_COMPUTE)
MACHINE = MachineChoice("Standard_NC24ads_A100_v4", 4.0, "USD")
TOKENS = TokenPrices(0.01, 2.0, "USD")
PRICES = """
[models."{model}"]
training_per_million_tokens = 3.0
currency = "USD"
hosting_per_hour = 1.0
"""


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    """Prices of the models that are used by default."""
    file = tmp_path / "prices.toml"
    file.write_text("".join(PRICES.format(model=name) for name in (MODEL, *FOUNDRY_MODELS)), "utf-8")
    return file


def most(level: Level, tokens: TokenPrices = TOKENS, machine: MachineChoice = MACHINE) -> object:
    """Return what a workspace's verification costs at most in two hours."""
    return price_of(WORKSPACE, level, hours=2.0, tokens=tokens, machine=machine).most


def test_reading_and_20_rows_cost_nothing() -> None:
    assert most(Level.READ) == most(Level.DATA) == {}


def test_a_job_costs_its_tokens_and_half_an_hour_of_its_machine() -> None:
    assert most(Level.JOB) == {"USD": 2.01}


def test_all_costs_what_runs_until_the_end() -> None:
    assert most(Level.FULL) == {"USD": 2 * 0.01 + 2 * 2.0 + 2 * 2 * 4.0}


def test_without_a_machine_nothing_is_paid_for_one() -> None:
    assert most(Level.FULL, machine=MachineChoice(lacks="none")) == {"USD": 4.02}


def test_a_deployment_without_hosting_costs_no_hours() -> None:
    price = price_of(
        (Surface.FOUNDRY,), Level.FULL, hours=2.0, tokens=TOKENS, machine=MachineChoice(), hosting_is_free=True
    )
    assert price.most == {"USD": 0.02}


def test_an_unknown_price_is_no_price() -> None:
    assert most(Level.FULL, tokens=TokenPrices()) is None
    price = price_of(WORKSPACE, Level.JOB, hours=2.0, tokens=TokenPrices(), machine=MACHINE)
    price.check(None)
    with pytest.raises(TooExpensive, match="no price is known for the tokens of 1 x 20 rows"):
        price.check(1000.0)


def test_two_currencies_have_no_limit_in_common() -> None:
    parts = tuple(PricePart(what=name, most=1.0, currency=name) for name in ("USD", "EUR"))
    with pytest.raises(TooExpensive, match="several currencies"):
        VerificationPrice(parts=parts).check(100.0)


def test_a_price_is_described_in_words() -> None:
    parts = (PricePart(what="hosting for 2 h", most=4.0, currency="USD"), PricePart(what="tokens"))
    assert str(VerificationPrice(parts=parts)) == "hosting for 2 h: at most 4.00 USD; tokens: price not known"
    assert str(VerificationPrice()) == "free"


@pytest.mark.parametrize("surface", ["azureml", "foundry"])
async def test_nothing_is_sent_above_the_limit(verify: Verify, maas_server: Server, prices: Path, surface: str) -> None:
    verification = verify(surface)
    plan = await verification.plan("full", prices=prices)
    sent = len(maas_server.requests())
    with pytest.raises(TooExpensive, match=r"more than 0\.00"):
        await verification.run(plan, max_cost=0.0)
    assert len(maas_server.requests()) == sent


@pytest.mark.parametrize("surface", ["azureml", "foundry"])
async def test_below_the_limit_it_runs(verify: Verify, prices: Path, surface: str) -> None:
    verification = verify(surface)
    assert (await verification.run(await verification.plan("job", prices=prices), max_cost=1000.0)).ok


async def test_a_limit_needs_prices(verify: Verify) -> None:
    verification = verify()
    with pytest.raises(TooExpensive, match="--prices"):
        await verification.run(await verification.plan("job"), max_cost=1000.0)
    assert (await verification.run(await verification.plan("data"), max_cost=0.0)).ok


async def test_a_level_that_there_is_not_is_refused(verify: Verify) -> None:
    with pytest.raises(InvalidInput, match="read, data, job, full"):
        await verify().plan("everything")


async def test_without_quota_own_compute_is_skipped_and_says_why(verify: Verify, maas_server: Server) -> None:
    verification = verify()
    maas_server.set_quota({"gpu": 0})
    report = await verification.run(await verification.plan("full"))
    skipped = {one.name: one.reason for one in report.steps if one.state == "skipped"}
    assert "no machine can be had that the model fits on" in skipped["create cluster"]
    assert skipped["deploy on own compute"] == "it needs pipeline job to its end"
    assert "create pipeline job" not in skipped
    assert report.ok


async def test_the_machine_may_be_named(verify: Verify) -> None:
    plan = await verify().plan("job", instance_type="Standard_NC24ads_A100_v4")
    assert plan.machine.size == "Standard_NC24ads_A100_v4"
    assert "Standard_NC24ads_A100_v4 for 0.5 h" in str(plan.price)
