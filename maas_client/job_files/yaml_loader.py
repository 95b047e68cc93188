"""PyYAML's safe loader without type resolution of unquoted words."""

from __future__ import annotations

import yaml

PLAIN, QUOTED = "plain", "quoted"
"""Default tags for untagged nodes: unquoted words, and anything else."""


class Loader(yaml.SafeLoader):
    """A safe loader that distinguishes untagged scalars only by quotes. It never constructs objects."""

    def resolve(self, kind: type[yaml.Node], value: str | None, implicit: tuple[bool, bool] | bool | None) -> str:
        """Return the tag of an untagged node."""
        del value
        is_plain = kind is yaml.ScalarNode and isinstance(implicit, tuple) and implicit[0]
        return PLAIN if is_plain else QUOTED


def compose(text: str) -> yaml.Node | None:
    """Return the nodes of a text's only document, with shared aliases; raise yaml.YAMLError or RecursionError."""
    loader = Loader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()
