"""Addresses that a server named in its answers, such as that of an operation in progress: followed as they are."""

from __future__ import annotations

from collections.abc import Mapping

from .bindings import pairs

_HEADERS = ("azure-asyncoperation", "location", "operation-location")
"""Headers that name the address of an operation, or of its result."""

_SCHEMES = ("http://", "https://")
_STATUS, _RESULT = "status", "result"


class NamedAddresses:
    """Which address of a server stands for which address that a recording followed."""

    def __init__(self) -> None:
        """Begin with none."""
        self._named: dict[str, str] = {}
        self._whole: dict[str, str] = {}
        self._unclaimed: dict[str, list[str]] = {}

    def learn(self, recorded: Mapping[str, str] | None, received: Mapping[str, str]) -> None:
        """Take the addresses of an answer; without the recording's own they wait for a request that follows one."""
        for header in _HEADERS:
            if header in received and recorded is not None:
                if header in recorded:
                    self._named[_without_query(recorded[header])] = received[header]
            elif header in received:
                self._unclaimed.setdefault(_kind_of(received[header]), []).append(received[header])

    def learn_from_bodies(self, recorded: object, received: object) -> None:
        """Take the addresses that both answers have at the same places, such as that of a next page or of a log."""
        for one, other in pairs(recorded, received):
            if one.startswith(_SCHEMES) and other.startswith(_SCHEMES):
                self._whole[_unsigned(one)] = other

    def followed(self, url: str) -> str:
        """Return the server's address for one that the recording followed; empty for any other."""
        if (whole := self._whole.get(_unsigned(url))) is not None:
            return whole
        key = _without_query(url)
        kind = _kind_of(key)
        if kind and key not in self._named and (waiting := self._unclaimed.get(kind)):
            self._named[key] = waiting.pop()
        return self._named.get(key, "")


def _unsigned(url: str) -> str:
    """Return an address without its query where that is a signature, which is written in any order."""
    return _without_query(url) if "sig=" in url and "comp=" not in url else url


def _without_query(url: str) -> str:
    return url.partition("?")[0]


def _kind_of(address: str) -> str:
    """Return whether an address is an operation's status or its result; empty for any other."""
    path = _without_query(address).lower()
    if "operationsstatus/" in path:
        return _STATUS
    return _RESULT if "operationresults/" in path else ""
