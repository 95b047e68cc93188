"""A quota of vCPUs: how many a VM family, or all of them together, may use in the region."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import BeforeValidator

from ..catalog.gpu_sizes import family_key, gpu_sizes
from ..core.json_fields import Document, text
from ..core.values import Text, Value, at

TOTALS = {"totalcores": "clusters", "dedicatedcores": "all families", "lowprioritycores": "all families"}
"""What a row counts that is of no family, by its type."""


def _limit(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


class Quota(Value):
    """How many vCPUs may be used, and are. `raw` keeps the service's whole document.

    `family` is the VM family that it counts, empty for all of them together. `limit` is None where the service gives
    no limit of the row's own: families of low priority share one, which is the row of all families with
    `low_priority`. On the wire that is -1, and does not mean that there is no limit.
    """

    name: Annotated[Text, at("name", "value")] = ""
    family: Text = ""
    used: Annotated[int, at("currentValue")] = 0
    limit: Annotated[int | None, BeforeValidator(_limit)] = None
    unit: Text = ""
    low_priority: bool = False
    counts: Text = ""
    id: Text = ""

    @property
    def left(self) -> int | None:
        """How many are not used yet; None without a limit of the row's own."""
        return None if self.limit is None else max(self.limit - self.used, 0)

    @property
    def has_gpus(self) -> bool:
        """Whether it is the quota of a family whose sizes have GPUs."""
        key = family_key(self.family)
        return bool(key) and (key in _gpu_families() or key.startswith(("standardnc", "standardnd", "standardnv")))

    def is_of(self, family: str) -> bool:
        """Return whether it is the quota of a family, however that is spelled."""
        return bool(self.family) and family_key(self.family) == family_key(family)

    def __str__(self) -> str:
        limit = "no limit of its own" if self.limit is None else f"{self.used} of {self.limit} vCPUs used"
        return f"quota {self.name}: {limit}"

    @classmethod
    def of(cls, document: Document) -> Self:
        """Read a row of `usages`."""
        kind = _kind(document)
        name = text(document, "name", "value")
        low_priority = kind == "lowprioritycores" or "lowpriority" in name.lower().replace(" ", "")
        family = name.partition(" Cluster ")[0] if kind == "vmfamily" else ""
        counts = TOTALS.get(kind, "") if kind != "vmfamily" else "family"
        return cls.read({**document, "family": family, "low_priority": low_priority, "counts": counts})


def quotas_in(documents: Iterable[Document]) -> tuple[Quota, ...]:
    """Return the quotas of the region: rows of one workspace or one cluster are parts of them, and left out."""
    return tuple(Quota.of(document) for document in documents if _kind(document) in {*TOTALS, "vmfamily"})


def quota_of(quotas: Iterable[Quota], family: str, *, low_priority: bool = False) -> Quota | None:
    """Return the quota that bounds machines of a family: at low priority, the one that all families share."""
    if low_priority:
        return next((each for each in quotas if each.low_priority and not each.family and each.limit is not None), None)
    return next((each for each in quotas if not each.low_priority and each.is_of(family)), None)


def total_of(quotas: Iterable[Quota]) -> Quota | None:
    """Return the quota that bounds dedicated machines of all families together."""
    return next((each for each in quotas if each.counts == "all families" and not each.low_priority), None)


def _kind(document: Document) -> str:
    """Return what a row counts, from its type, or its id: `Microsoft.MachineLearningServices/vmFamily/usages`."""
    # Assumption: A row of `usages` is one of a family if its `type`, or its id, contains `/vmFamily/`, and then is
    #   named `FAMILY Cluster …`.
    # Shown wrong by: A row with another type for a family, or with a name that does not begin with the family's.
    # Verified by: quota
    # If wrong: The quota of a family is not found, and a job is not checked against it.
    kind = text(document, "type").lower()
    if "/workspace" in kind or "/workspaces/" in text(document, "id").lower():
        return "part"
    parts = kind.split("/") if kind else text(document, "id").lower().split("/")
    return next((each for each in (*TOTALS, "vmfamily") if each in parts), "")


def _gpu_families() -> frozenset[str]:
    return frozenset(family_key(each.family) for each in gpu_sizes() if each.family)
