"""The table of GPUs: found by every usual name, each with what its VM sizes say of it."""

from __future__ import annotations

import pytest

from maas_client import InvalidInput
from maas_client.catalog.gpu_sizes import gpu_size, gpu_sizes
from maas_client.catalog.gpus import find_gpu, gpu_of_size, gpus


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("RTX 4090", "RTX 4090"),
        ("4090", "RTX 4090"),
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", "RTX 4090 Laptop"),
        ("rtx4060ti 16gb", "RTX 4060 Ti 16GB"),
        ("A100", "A100 80GB PCIe"),
        ("A100-80", "A100 80GB"),
        ("NVIDIA A100-SXM4-40GB", "A100 40GB"),
        ("NVIDIA H100 80GB HBM3", "H100 80GB"),
        ("H100 NVL", "H100 NVL"),
        ("NVIDIA H200", "H200"),
        ("Tesla T4", "T4"),
        ("NVIDIA RTX 6000 Ada Generation", "RTX 6000 Ada"),
    ],
)
def test_a_gpu_is_found_by_its_usual_names(written: str, name: str) -> None:
    assert find_gpu(written).name == name


def test_an_unknown_gpu_is_refused_with_near_names() -> None:
    with pytest.raises(InvalidInput, match=r"no GPU is known by the name 'RTX 4900': did you mean RTX 4090"):
        find_gpu("RTX 4900")
    with pytest.raises(InvalidInput, match="such as RTX 4090"):
        find_gpu("")


def test_no_two_gpus_share_a_name() -> None:
    for gpu in gpus():
        assert [find_gpu(name) for name in (gpu.name, *gpu.aliases)] == [gpu] * (1 + len(gpu.aliases))


def test_a_program_sees_less_memory_than_is_sold() -> None:
    assert all(0.89 * gpu.sold_gb < gpu.memory_gib < gpu.sold_gb for gpu in gpus())
    assert {gpu.kind for gpu in gpus()} == {"consumer", "workstation", "data center", "laptop"}


def test_older_gpus_have_no_bfloat16() -> None:
    assert {gpu.name for gpu in gpus() if not gpu.bf16} == {"T4", "V100 16GB", "V100 SXM2 32GB", "RTX 2080 Ti"}


def test_every_vm_size_has_its_gpu() -> None:
    for size in gpu_sizes():
        gpu = gpu_of_size(size)
        assert gpu.sold_gb == size.gpu_memory_gib
        assert gpu.memory_gib <= size.gpu_memory_gib


def test_a_part_of_a_gpu_has_that_part_of_its_speed() -> None:
    size = gpu_size("Standard_NV6ads_A10_v5")
    assert size is not None
    part, whole = gpu_of_size(size), find_gpu("A10")
    assert (part.name, part.sold_gb, part.tflops) == ("1/6 A10", 4, whole.tflops / 6)
