"""What an installation of this project brings with it: every package that it needs, and under which licence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, distribution, metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "maas-client"

_CLASSIFIER = "License :: OSI Approved :: "
_SPELLINGS: Mapping[str, str] = {
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 3-Clause License": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}


def direct(extras: frozenset[str] = frozenset()) -> list[Requirement]:
    """Give what the project itself asks for, with the extras."""
    return list(_wanted(distribution(PROJECT), extras))


def needed(extras: frozenset[str] = frozenset()) -> Mapping[str, str]:
    """Give every package that comes with the project, and its licence; `extras` are the project's own."""
    found: dict[str, str] = {}
    left = direct(extras)
    while left:
        requirement = left.pop()
        name = canonicalize_name(requirement.name)
        if name not in found:
            found[name] = licence(name)
            left += _wanted(distribution(name), frozenset(requirement.extras))
    return dict(sorted(found.items()))


def licence(name: str) -> str:
    """Give a package's licence as an SPDX expression, or in the package's own words where it has no other."""
    fields = metadata(name)
    if "License-Expression" in fields:
        return fields["License-Expression"]
    classified = [each.removeprefix(_CLASSIFIER) for each in fields.get_all("Classifier") or [] if _CLASSIFIER in each]
    plain = fields.get_all("License") or ["unknown"]
    words = classified or [re.split(r"[\n(]", plain[0])[0].strip()]
    return " AND ".join(sorted({_SPELLINGS.get(word, word) for word in words}))


def _wanted(package: Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    for text in package.requires or []:
        requirement = Requirement(text)
        environments = [{"extra": extra} for extra in ("", *extras)]
        if requirement.marker is None or any(map(requirement.marker.evaluate, environments)):
            yield requirement
