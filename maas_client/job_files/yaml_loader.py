"""PyYAML's safe loader, except that it decides nothing about unquoted words. Imported with the extra `yaml` alone."""

from __future__ import annotations

import yaml

PLAIN, QUOTED = "plain", "quoted"
"""The tags of what has none: an unquoted word, and anything else."""


class Loader(yaml.SafeLoader):
    """A safe loader that tells untagged scalars apart by their quotes only. It composes, and never constructs."""

    def resolve(self, kind: type[yaml.Node], value: str | None, implicit: tuple[bool, bool] | bool | None) -> str:
        """Return the tag of a node that carries none."""
        del value
        is_plain = kind is yaml.ScalarNode and isinstance(implicit, tuple) and implicit[0]
        return PLAIN if is_plain else QUOTED


def compose(text: str) -> yaml.Node | None:
    """Return a text's only document as nodes, aliases shared; raise yaml.YAMLError or RecursionError."""
    loader = Loader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()
