"""Writing the YAML of an export: keys in their order, short lists on one line, texts of several lines as blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from ..core.plain_values import plain


class _Dumper(yaml.SafeDumper):
    """Writes mappings as blocks, and lists of short values on one line."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent the items of a list below their key, which PyYAML does not by itself."""
        super().increase_indent(flow=flow, indentless=indentless and flow)

    def ignore_aliases(self, data: object) -> bool:
        """Write a value twice rather than refer to it: not every reader knows anchors."""
        return data is not self


def _text(_: _Dumper, value: str) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


def _list(dumper: _Dumper, values: Sequence[Any]) -> yaml.SequenceNode:
    on_one_line = all(isinstance(each, str | int | float) for each in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=on_one_line)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)


def yaml_text(*documents: Mapping[str, Any], remark: str = "") -> str:
    """Return documents as YAML, one after the other, after the lines of a remark."""
    head = "".join(f"# {line}\n" for line in remark.splitlines())
    written = (
        yaml.dump(
            plain(document), Dumper=_Dumper, sort_keys=False, default_flow_style=False, allow_unicode=True, width=110
        )
        for document in documents
    )
    return head + "---\n".join(written)
