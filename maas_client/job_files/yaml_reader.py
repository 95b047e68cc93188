"""A YAML parser that records the line of every value, rejects duplicate keys, and never executes anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from ..core.errors import InvalidInput
from .located import MAX_DEPTH, MAX_VALUES, Content, Located, scalar_value
from .mistakes import Mistakes
from .yaml_loader import PLAIN, QUOTED, compose


def read_yaml(text: str, name: str, mistakes: Mistakes) -> Located:
    """Parse YAML text with a single document; duplicate keys, tags and keys that are no scalars go to `mistakes`.

    Raises InvalidInput, with the line, for anything else, and for aliases that expand without limit.
    """
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
    return Located(None, f"{name}:1") if node is None else _Walker(name, mistakes).value(node, 0)


@dataclass(slots=True)
class _Walker:
    """Walks through composed nodes; an aliased node is visited every time."""

    name: str
    mistakes: Mistakes
    values: int = 0

    def value(self, node: yaml.Node, depth: int) -> Located:
        where = f"{self.name}:{node.start_mark.line + 1}"
        self.values += 1
        if depth > MAX_DEPTH or self.values > MAX_VALUES:
            raise InvalidInput(f"{where}: the file is too large or nested too deeply for a job (aliases expanded)")
        if node.tag not in {PLAIN, QUOTED}:
            why = f"the tag {node.tag!r} is not supported; quote a word to make it a string"
            self.mistakes.add(InvalidInput(f"{where}: {why}"))
            return Located(None, where)
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
                self.mistakes.add(InvalidInput(f"{where}: a key must be a scalar"))
                continue
            if key.value in members:
                self.mistakes.add(InvalidInput(f"{where}: duplicate key {key.value!r}"))
            found = self.value(item, depth + 1)
            members.setdefault(key.value, Located(found.value, where, found.written))
        return members
