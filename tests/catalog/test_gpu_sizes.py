"""The table of GPU sizes: facts that hold together, names in any case, families in any spelling."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from maas_client.catalog.gpu_sizes import (
    family_key,
    gpu_size,
    gpu_sizes,
    instances_to_reserve,
    retirement_of,
    same_size,
)


@pytest.mark.parametrize("size", gpu_sizes(), ids=lambda size: size.name)
def test_the_facts_of_a_size_hold_together(size: object) -> None:
    found = gpu_size(getattr(size, "name", ""))
    assert found is size
    assert found is not None
    assert found.vcpus >= found.gpus >= 1
    assert found.gpu_memory_gib > 0
    assert found.source.document
    assert found.rdma == bool(re.search(r"\d+[a-z]*r", found.name.partition("_")[2]))
    assert f"{found.vcpus}" in found.name


def test_a_size_is_found_however_it_is_written() -> None:
    wanted = gpu_size("Standard_NC24ads_A100_v4")
    assert wanted is not None
    assert gpu_size("STANDARD_NC24ADS_A100_V4") is wanted
    assert gpu_size("nc24ads_a100_v4") is wanted
    assert same_size("STANDARD_NC24ADS_A100_V4", "Standard_NC24ads_A100_v4")
    assert not same_size("Standard_NC48ads_A100_v4", "Standard_NC24ads_A100_v4")
    assert gpu_size("Standard_E4s_v3") is None


def test_v100_sizes_and_their_elders_are_retired() -> None:
    assert retirement_of("Standard_nc24rs_v3") == date(2025, 9, 30)
    assert retirement_of("Standard_NC6") == date(2023, 8, 31)
    assert retirement_of("Standard_NC24ads_A100_v4") is None
    assert retirement_of("Standard_Nothing") is None


@pytest.mark.parametrize(
    ("size", "usage"),
    [
        ("StandardNCADSA100v4Family", "Standard NCADSA100v4 Family Cluster Dedicated vCPUs"),
        ("standard NDASv4_A100 Family", "Standard_NDASv4_A100_Family_Cluster_LowPriority_vCPUs"),
        ("standardNCSv3Family", "Standard NCSv3 Family Cluster Dedicated vCPUs"),
    ],
)
def test_a_family_is_the_same_in_sizes_and_in_quota(size: str, usage: str) -> None:
    assert family_key(size) == family_key(usage)


def test_families_that_look_alike_are_distinguished() -> None:
    keys = {family_key(size.family) for size in gpu_sizes()}
    assert len(keys) == len({size.family for size in gpu_sizes()})


@pytest.mark.parametrize(("instances", "reserved"), [(1, 2), (2, 3), (5, 6), (6, 8), (10, 12)])
def test_endpoints_need_quota_for_a_fifth_on_top(instances: int, reserved: int) -> None:
    assert instances_to_reserve(instances, endpoint_reserve=True) == reserved
    assert instances_to_reserve(instances, endpoint_reserve=False) == instances


def test_a100_and_h100_sizes_need_no_fifth_on_top() -> None:
    exempt = {size.gpu.split()[0] for size in gpu_sizes() if not size.endpoint_reserve}
    assert exempt == {"A100", "H100"}


@given(st.text("STNDacdrsvmily_4A100 ", max_size=40))
def test_any_name_has_a_key_that_is_its_own_key(name: str) -> None:
    assert family_key(family_key(name)) in {family_key(name), family_key(name).removesuffix("family")}
    assert gpu_size(name) is None or gpu_size(name.upper()) is gpu_size(name)


def test_every_size_of_the_reference_is_in_the_table(shared: Path) -> None:
    text = (shared / "wire" / "maap.md").read_text("utf-8")
    rows = re.findall(r"^\| (Standard_N\w+)", text, re.MULTILINE)
    assert len(rows) > 8
    names = {size.name.lower() for size in gpu_sizes()}
    assert [row for row in rows if not any(name.startswith(row.lower()) for name in names)] == []
