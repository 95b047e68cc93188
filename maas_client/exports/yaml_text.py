"""YAML as people write it: keys in their order, texts of several lines as blocks, and a comment above."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from ..core.plain_values import plain

_WIDTH = 120


class _Dumper(yaml.SafeDumper):
    """Writes lists below the key that they belong to, and indented."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent a list as well, which PyYAML does not by itself."""
        super().increase_indent(flow=flow, indentless=False)

    def ignore_aliases(self, data: object) -> bool:
        """Write a value twice rather than refer to it: not every reader knows anchors."""
        return True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def yaml_text(*documents: Mapping[str, Any], header: str = "") -> str:
    """Return documents as YAML, each after the other; `header` becomes a comment."""
    comment = "".join(f"# {line}\n" for line in header.splitlines())
    written = (
        yaml.dump(plain(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
        for document in documents
    )
    return comment + "---\n".join(written)
