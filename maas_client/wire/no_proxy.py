"""NO_PROXY: the hosts that are reached without a proxy, in the spellings that other programs accept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_SEPARATORS = re.compile(r"[\s,;]+")
_SCHEME = re.compile(r"(?i)https?://")
_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::(\d{1,5}))?")
_BRACKETS = re.compile(r"\A\[(.*)\](/\d+)?\Z")
_HOST = re.compile(r"(\*?\.?[\w*?-]+(?:\.[\w*?-]+)*)\.?(?::(\d{1,5}))?")
LOCAL = "<local>"
"""Windows' name for all hosts without a dot."""

LARGEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class _Entry:
    """A network, or a pattern for host names; without a port it is for every port."""

    network: IPv4Network | IPv6Network | None
    pattern: str
    port: int | None

    def matches(self, host: str, address: IPv4Address | IPv6Address | None, port: int) -> bool:
        if self.port not in {None, port}:
            return False
        if self.network is not None:
            return address is not None and address in self.network
        if self.pattern == LOCAL:
            return "." not in host and address is None
        return fnmatchcase(host, self.pattern) or fnmatchcase(host, f"*.{self.pattern}")


@dataclass(frozen=True, slots=True)
class NoProxy:
    """The entries of NO_PROXY, and those that are neither a host nor a network."""

    entries: tuple[_Entry, ...]
    invalid: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> NoProxy:
        """Read the variable's value.

        Entries are separated by commas, semicolons or whitespace: names (with all names below them, also as `.name` and
        `*.name`), patterns with `*`, addresses, networks such as 10.0.0.0/8, and each with a port.
        """
        words = [word for word in _SEPARATORS.split(text) if word]
        read = {word: _entry(word) for word in words}
        valid = tuple(entry for entry in read.values() if entry is not None)
        return cls(valid, tuple(word for word, entry in read.items() if entry is None))

    def bypasses(self, host: str, port: int) -> bool:
        """Return whether a host is reached without a proxy."""
        name = host.strip("[]").rstrip(".").lower()
        address = _address(name)
        return any(entry.matches(name, address, port) for entry in self.entries)


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None


def _entry(word: str) -> _Entry | None:
    """Read one entry; None if it is neither a host nor a network."""
    if word.lower() == LOCAL:
        return _Entry(None, LOCAL, None)
    word = _SCHEME.sub("", word, 1).removesuffix("/")
    try:
        return _Entry(ip_network(_BRACKETS.sub(r"\1\2", word), strict=False), "", None)
    except ValueError:
        pass
    if (found := _BRACKETED.fullmatch(word)) is not None:
        address = _address(found[1])
        return None if address is None else _with_port(ip_network(address), "", found[2])
    if (found := _HOST.fullmatch(word)) is None:
        return None
    name = found[1].lower()
    address = _address(name)
    if address is not None:
        return _with_port(ip_network(address), "", found[2])
    return _with_port(None, name.removeprefix("*.").removeprefix("."), found[2])


def _with_port(network: IPv4Network | IPv6Network | None, pattern: str, port: str | None) -> _Entry | None:
    number = None if port is None else int(port)
    if number is not None and not 0 < number <= LARGEST_PORT:
        return None
    return _Entry(network, pattern, number)
