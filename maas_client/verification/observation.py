"""What one exchange was, held to the contract: its operation, how long it took, and where its answer differs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl, urlsplit

from ..contract.check import differences
from ..contract.differences import Difference
from ..contract.match import match
from ..contract.operation import OUTAGE
from ..contract.table import OPERATIONS
from .coverage import fields_in
from .watching_wire import Exchange


@dataclass(frozen=True, slots=True)
class Observation:
    """One exchange, without any of its values.

    Args:
        step: the step that it belongs to.
        operation: the operation's name; empty for a request that is none of the contract's.
        request: its method and path, with `*` for names.
        status: the HTTP status; None where no whole answer came.
        seconds: how long the answer took.
        api_version: the api-version that was sent; empty without one.
        differences: where the answer differs from the contract.
        fields: the known fields that the answer has.
    """

    step: str
    operation: str
    request: str
    status: int | None
    seconds: float
    api_version: str = ""
    differences: tuple[Difference, ...] = ()
    fields: frozenset[str] = frozenset()

    @property
    def is_outage(self) -> bool:
        """Whether it shows load or an outage, and says nothing about the contract."""
        return self.status is None or self.status in OUTAGE


def observe(step: str, exchange: Exchange) -> Observation:
    """Hold an exchange to the contract."""
    found = match(exchange.method, exchange.url)
    request = f"{exchange.method} {path_of(exchange.url)}"
    version = dict(parse_qsl(urlsplit(exchange.url).query)).get("api-version", "")
    if found is None:
        return Observation(step, "", request, exchange.status, exchange.seconds, version)
    differing: tuple[Difference, ...] = ()
    fields: frozenset[str] = frozenset()
    if exchange.status is not None and exchange.status not in OUTAGE:
        differing = differences(found.operation, exchange.status, exchange.headers, exchange.body)
        fields = fields_in(found.operation, exchange.status, exchange.body)
    return Observation(
        step, found.operation.name, request, exchange.status, exchange.seconds, version, differing, fields
    )


def path_of(url: str) -> str:
    """Return the path of a URL, in which everything that the contract has no word for is `*`."""
    return "/".join(part if part.lower() in _words() else "*" for part in urlsplit(url).path.split("/"))


@cache
def _words() -> frozenset[str]:
    """Return every literal segment of a path of the contract, in lower case."""
    parts = (part for one in OPERATIONS.values() for path in one.paths for part in path.split("/"))
    return frozenset(part.lower() for part in parts if "{" not in part)
