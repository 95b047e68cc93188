"""Clusters that cannot be used, and jobs that do not fit the compute that they are meant for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..core.errors import InvalidInput, MaasError
from ..core.redaction import redact

if TYPE_CHECKING:
    from .cluster import Cluster
    from .misfit import Misfit


class ClusterFailed(MaasError):
    """A cluster that the service refused or gave up, whose record is still there under its name.

    `cluster` is the record, `code` and `detail` are the service's own. No job runs on it until it is deleted, or
    replaced by `computes.create(…, replace_failed=True)`.
    """

    def __init__(self, cluster: Cluster, *, code: str = "", detail: str = "") -> None:
        self.cluster, self.code, self.detail = cluster, redact(code), redact(detail)
        why = ": ".join(part for part in (self.code, self.detail) if part) or "the service gave no reason"
        super().__init__(
            f"cluster {cluster.name!r} cannot be used ({cluster.state}): {why.rstrip('.')}. Its record stays: "
            f"`maas computes delete {cluster.name}`, or create it again with replace_failed (--replace-failed)"
        )


class DoesNotFit(InvalidInput):
    """A job or deployment that the compute it is meant for cannot run; nothing was sent.

    `reasons` are why, each with the numbers it rests on; `force` sends it anyway.
    """

    def __init__(self, what: str, reasons: Sequence[Misfit]) -> None:
        self.reasons = tuple(reasons)
        why = "; ".join(each.message.rstrip(".") for each in self.reasons)
        super().__init__(f"{what} cannot run: {why}. Nothing was sent; force (--force) sends it anyway")
