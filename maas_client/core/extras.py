"""The command that installs what an optional feature needs, wherever the package itself was installed from."""

from __future__ import annotations

import re
from collections.abc import Iterable

PROJECT = "maas-client"
_MARKER = re.compile(r"""extra\s*==\s*["'](?P<extra>[\w-]+)["']""")
"""The marker of a requirement of an extra on every platform; those of some platforms only are an acceleration."""


def install_command(extra: str) -> str:
    """Return a shell command that installs the packages of an extra.

    It names the packages themselves and not the project, which no package index has: the command works for an
    installation from a clone, a wheel or a Git URL.

    Args:
        extra: the extra's name in pyproject.toml, such as `parquet`.

    Returns:
        A line for sh, PowerShell and cmd.exe, with pip or, in an environment without pip, with uv.
    """
    from importlib.metadata import PackageNotFoundError, requires
    from importlib.util import find_spec

    pip = "python -m pip install" if find_spec("pip") else "uv pip install"
    try:
        packages = required_by(extra, requires(PROJECT) or ())
    except PackageNotFoundError:  # the source tree itself is on the path
        packages = ()
    return " ".join([pip, *(f'"{package}"' for package in packages or (f".[{extra}]",))])


def required_by(extra: str, requirements: Iterable[str]) -> tuple[str, ...]:
    """Return the packages of an extra, from requirements as the metadata of a distribution lists them."""
    parts = (requirement.partition(";") for requirement in requirements)
    found = ((package.strip(), _MARKER.fullmatch(marker.strip())) for package, _, marker in parts)
    return tuple(package for package, match in found if match and match["extra"] == extra)
