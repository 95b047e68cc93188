"""One recorded exchange, and the cassette that has all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mock_server.core.json_values import Json
from mock_server.replay.addresses import Address

LONGEST_SHOWN, KEPT_AT_THE_START = 160, 40


@dataclass(frozen=True, slots=True)
class RecordedExchange:
    """A request and its answer as a cassette has them, with placeholders in place of names.

    Args:
        n: the number of the exchange in the cassette.
        ended: seconds from the first request of the recording to the end of this answer.
        operation: the operation's name, or an empty string.
        method: the HTTP method.
        url: the URL, as recorded.
        address: the URL, as it is compared.
        request_body: the request's body in one of the forms of a cassette; None if it is empty.
        status: the status of the answer; None where no whole answer came.
        headers: headers of the answer, with names in lower case.
        body: the answer's body in one of the forms of a cassette; None if it is empty.
    """

    n: int
    ended: float
    operation: str
    method: str
    url: str
    address: Address
    request_body: Json | None
    status: int | None
    headers: Mapping[str, str]
    body: Json | None

    @property
    def named(self) -> str:
        """Return the exchange for a message."""
        return f"exchange {self.n} ({self.method} {shortened(self.url)})"


@dataclass(frozen=True, slots=True)
class Cassette:
    """The exchanges of a recording in order; `path` is the file, for messages."""

    path: Path
    exchanges: Sequence[RecordedExchange] = field(repr=False)


def shortened(url: str) -> str:
    """Return a URL for a message; of a long one the middle, which all have in common, is left out."""
    return url if len(url) <= LONGEST_SHOWN else f"{url[:KEPT_AT_THE_START]}…{url[KEPT_AT_THE_START - LONGEST_SHOWN :]}"
