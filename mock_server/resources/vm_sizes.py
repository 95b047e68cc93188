"""The sizes of virtual machines in this server's regions, with prices of its own.

Cores, memory and GPUs are those of learn.microsoft.com/azure/virtual-machines/sizes/gpu-accelerated (pages of
2024-07-31 to 2025-09-02); families as the service spells them. The prices are rounded and hold for this server alone.
As on the service, `lowPriorityCapable` is not to be relied on: ND96isr_H100_v5 says that it is, and is not.
"""

import re
from dataclasses import dataclass

from mock_server.core.json_values import Json

LOW_PRIORITY_SHARE = 0.2
"""What a low-priority machine costs of a dedicated one's price."""
ALL_TYPES = ("AmlCompute", "ComputeInstance", "MIR")
ENDPOINTS_ONLY = ("MIR",)
"""Managed online endpoints only, as sizes of NV A10 v5 are in some regions."""


@dataclass(frozen=True, slots=True)
class VmSize:
    """One size: what it has, and what an hour of it costs in US dollars."""

    name: str
    family: str
    cores: int
    memory_gb: float
    gpus: int
    price: float
    disk_gb: int = 64
    low_priority: bool = True
    claims_low_priority: bool = True
    types: tuple[str, ...] = ALL_TYPES
    reserves_a_fifth: bool = False

    def cores_of(self, instances: int) -> int:
        """Return the cores that a number of instances takes from the family's quota."""
        return self.cores * instances

    def hourly_price(self, *, low_priority: bool) -> float:
        """Return what one machine costs an hour, in US dollars."""
        return round(self.price * (LOW_PRIORITY_SHARE if low_priority else 1.0), 4)


A100 = "standardNCADSA100v4Family"
H100 = "standardNCADSH100v5Family"
T4 = "standard NCASv3_T4 Family"
A10 = "standardNVADSA10v5Family"
SIZES = (
    VmSize("Standard_NC24ads_A100_v4", A100, 24, 220, 1, 3.7, 1024),
    VmSize("Standard_NC48ads_A100_v4", A100, 48, 440, 2, 7.4, 2048),
    VmSize("Standard_NC96ads_A100_v4", A100, 96, 880, 4, 14.8, 4096),
    VmSize("Standard_NC40ads_H100_v5", H100, 40, 320, 1, 7.0),
    VmSize("Standard_NC80adis_H100_v5", H100, 80, 640, 2, 14.0),
    VmSize("Standard_ND96asr_v4", "standard NDASv4_A100 Family", 96, 900, 8, 27.2),
    VmSize("Standard_ND96amsr_A100_v4", "standard NDAMSv4_A100Family", 96, 1900, 8, 32.8),
    VmSize("Standard_ND96isr_H100_v5", "standardNDv5H100Family", 96, 1900, 8, 98.4, low_priority=False),
    VmSize("Standard_NC4as_T4_v3", T4, 4, 28, 1, 0.5, 180, reserves_a_fifth=True),
    VmSize("Standard_NC8as_T4_v3", T4, 8, 56, 1, 0.8, 360, reserves_a_fifth=True),
    VmSize("Standard_NC16as_T4_v3", T4, 16, 110, 1, 1.2, 360, reserves_a_fifth=True),
    VmSize("Standard_NC64as_T4_v3", T4, 64, 440, 4, 4.4, 2880, reserves_a_fifth=True),
    VmSize("Standard_NV36ads_A10_v5", A10, 36, 440, 1, 3.2, 720, reserves_a_fifth=True),
    VmSize("Standard_NV72ads_A10_v5", A10, 72, 880, 2, 6.5, 1440, types=ENDPOINTS_ONLY, reserves_a_fifth=True),
    VmSize("Standard_ND40rs_v2", "standardNDSv2Family", 40, 672, 8, 22.0, 2900, reserves_a_fifth=True),
    VmSize("Standard_DS3_v2", "standardDSv2Family", 4, 14, 0, 0.3, 28, reserves_a_fifth=True),
    VmSize("Standard_D4s_v3", "standardDSv3Family", 4, 16, 0, 0.2, 32, reserves_a_fifth=True),
    VmSize("Standard_D12", "standardDFamily", 4, 28, 0, 0.4, 200, reserves_a_fifth=True),
    VmSize("Standard_D12_v2", "standardDv2Family", 4, 28, 0, 0.4, 200, reserves_a_fifth=True),
    VmSize("Standard_E4s_v3", "standardESv3Family", 4, 32, 0, 0.3, 64, reserves_a_fifth=True),
    VmSize("Standard_F4s_v2", "standardFSv2Family", 4, 8, 0, 0.2, 32, claims_low_priority=False, reserves_a_fifth=True),
)
RETIRED = ("Standard_NC6s_v3", "Standard_NC12s_v3", "Standard_NC24s_v3", "Standard_NC24rs_v3")
"""No longer to be had (since 2025-09-30, learn.microsoft.com "NCv3-series retirement"), but still in error messages."""
GPU_MEMORY = {
    A100: 80,
    H100: 94,
    "standard NDASv4_A100 Family": 40,
    "standard NDAMSv4_A100Family": 80,
    "standardNDv5H100Family": 80,
    T4: 16,
    A10: 24,
    "standardNDSv2Family": 32,
}
"""Gigabytes of each GPU, by family, from the same pages."""
FAMILIES = tuple(dict.fromkeys(size.family for size in SIZES))
GPU_FAMILIES = tuple(dict.fromkeys(size.family for size in SIZES if size.gpus))


def find(name: str) -> VmSize | None:
    """Return a size by its name, ignoring case."""
    return next((size for size in SIZES if size.name.lower() == name.lower()), None)


def family_key(family: str) -> str:
    """Return a family's name as it compares: the service spells it differently in sizes, usages and quotas."""
    return re.sub(r"[^a-z0-9]", "", family.lower())


def title(family: str) -> str:
    """Return a family's name as usages spell it, such as `Standard NCADSA100v4 Family`."""
    inner = re.sub(r"(?i)^standard ?", "", re.sub(r"(?i) ?family$", "", family))
    return f"Standard {inner} Family"


def to_json(size: VmSize) -> Json:
    """Return a size in the format of `locations/{region}/vmSizes` (azure-rest-api-specs, `VirtualMachineSize/list`)."""
    tiers = [("Linux", "Standard", False)]
    if size.claims_low_priority:
        tiers.append(("Linux", "LowPriority", True))
    return {
        "name": size.name,
        "family": size.family[:1].upper() + size.family[1:],
        "vCPUs": size.cores,
        "gpus": size.gpus,
        "osVhdSizeMB": 1047552,
        "maxResourceVolumeMB": size.disk_gb * 1024,
        "memoryGB": float(size.memory_gb),
        "lowPriorityCapable": size.claims_low_priority,
        "premiumIO": True,
        "estimatedVMPrices": {
            "billingCurrency": "USD",
            "unitOfMeasure": "OneHour",
            "values": [
                {"retailPrice": size.hourly_price(low_priority=low), "osType": system, "vmTier": tier}
                for system, tier, low in tiers
            ],
        },
        "supportedComputeTypes": list(size.types),
    }
