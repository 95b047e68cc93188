"""A YAML parser that records the line of every value, rejects duplicate keys, and never executes anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core.errors import InvalidInput
from .located import MAX_DEPTH, MAX_VALUES, Content, Located, scalar_value

if TYPE_CHECKING:
    from yaml import Node

INSTALL = "pip install 'maas-client[yaml]'"


def read_yaml(text: str, name: str) -> Located:
    """Parse YAML text with a single document.

    Raises InvalidInput, with the line, for anything else, for duplicate keys, tags, and aliases that expand without
    limit; and if the extra `yaml` is not installed.
    """
    try:
        import yaml

        from .yaml_loader import compose
    except ImportError:
        raise InvalidInput(
            f"{name}: reading YAML needs PyYAML: {INSTALL}. A JSON job file (NAME.json) needs no extra package"
        ) from None
    try:
        node = compose(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise InvalidInput(f"{name}{line}: not valid YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise InvalidInput(f"{name}: not valid YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise InvalidInput(f"{name}: nested too deeply for a job") from None
    return Located(None, f"{name}:1") if node is None else _Walker(name).value(node, 0)


@dataclass(slots=True)
class _Walker:
    """Walks through composed nodes; an aliased node is visited every time."""

    name: str
    values: int = 0

    def value(self, node: Node, depth: int) -> Located:
        import yaml

        from .yaml_loader import PLAIN, QUOTED

        where = f"{self.name}:{node.start_mark.line + 1}"
        self.values += 1
        if depth > MAX_DEPTH or self.values > MAX_VALUES:
            raise InvalidInput(f"{where}: the file is too large or nested too deeply for a job (aliases expanded)")
        if node.tag not in {PLAIN, QUOTED}:
            raise InvalidInput(f"{where}: the tag {node.tag!r} is not supported; quote a word to make it a string")
        if isinstance(node, yaml.MappingNode):
            return Located(self._members(node, depth), where)
        if isinstance(node, yaml.SequenceNode):
            items: Content = [self.value(item, depth + 1) for item in node.value]
            return Located(items, where)
        word = str(node.value)
        return Located(scalar_value(word) if node.tag == PLAIN else word, where, word)

    def _members(self, node: Any, depth: int) -> dict[str, Located]:
        members: dict[str, Located] = {}
        for key, item in node.value:
            where = f"{self.name}:{key.start_mark.line + 1}"
            if not isinstance(key.value, str):
                raise InvalidInput(f"{where}: a key must be a scalar")
            if key.value in members:
                raise InvalidInput(f"{where}: duplicate key {key.value!r}")
            found = self.value(item, depth + 1)
            members[key.value] = Located(found.value, where, found.written)
        return members
