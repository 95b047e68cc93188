"""The shapes of the catalogue's models, and what follows from them: parameters of each kind, exactly.

The numbers are in `architectures.json`, with their source.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ..core.errors import InvalidInput
from ..core.plain_values import PlainValue
from .lookup import find_model


class Matrix(NamedTuple):
    """A weight matrix of a layer: a vector of `inputs` numbers becomes one of `outputs`; `copies` are the experts'."""

    name: str
    inputs: int
    outputs: int
    copies: int = 1

    @property
    def size(self) -> int:
        """Its number of parameters, of all copies together."""
        return self.inputs * self.outputs * self.copies


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture(PlainValue):
    """The shape of a decoder of the Phi family.

    `fused` says that query, key and value are one matrix, and gate and up projection another; `tied` that the same
    table turns tokens into vectors and back. `experts` is 1 for a dense model. `own_attention` says that it
    brings an attention that is neither full nor sliding.
    """

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_size: int
    intermediate: int
    vocabulary: int
    tied: bool
    attention_biases: bool = False
    feed_forward_biases: bool = False
    norm_biases: bool = False
    head_bias: bool = False
    fused: bool = True
    experts: int = 1
    experts_per_token: int = 1
    own_attention: bool = False

    @property
    def queries(self) -> int:
        """The length of a token's queries."""
        return self.heads * self.head_size

    @property
    def keys(self) -> int:
        """The length of a token's keys, and of its values."""
        return self.kv_heads * self.head_size

    @property
    def active_intermediate(self) -> int:
        """The length of the feed-forward layers' inner vectors that are computed for a token."""
        return self.intermediate * self.experts_per_token

    @property
    def matrices(self) -> tuple[Matrix, ...]:
        """The matrices of a layer that adapters can be added to."""
        hidden, queries, keys, inner = self.hidden, self.queries, self.keys, self.intermediate
        if self.fused:
            return (
                Matrix("qkv_proj", hidden, queries + 2 * keys),
                Matrix("o_proj", queries, hidden),
                Matrix("gate_up_proj", hidden, 2 * inner, self.experts),
                Matrix("down_proj", inner, hidden, self.experts),
            )
        return (
            Matrix("q_proj", hidden, queries),
            Matrix("k_proj", hidden, keys),
            Matrix("v_proj", hidden, keys),
            Matrix("o_proj", queries, hidden),
            Matrix("gate_proj", hidden, inner, self.experts),
            Matrix("up_proj", hidden, inner, self.experts),
            Matrix("down_proj", inner, hidden, self.experts),
        )

    @property
    def matrix_parameters(self) -> int:
        """The parameters of all layers' matrices."""
        return self.layers * sum(matrix.size for matrix in self.matrices)

    @property
    def table_parameters(self) -> int:
        """The parameters of the tables between tokens and vectors."""
        return self.vocabulary * self.hidden * (1 if self.tied else 2)

    @property
    def parameters(self) -> int:
        """All parameters."""
        hidden, norm = self.hidden, self.hidden * (2 if self.norm_biases else 1)
        layer = 2 * norm
        if self.attention_biases:
            layer += self.queries + 2 * self.keys + hidden
        if self.feed_forward_biases:
            layer += 2 * self.intermediate + hidden
        if self.experts > 1:
            layer += hidden * self.experts  # the router
        head = self.vocabulary if self.head_bias else 0
        return self.matrix_parameters + self.table_parameters + self.layers * layer + norm + head

    def times(self, matrix: Matrix) -> int:
        """Return how many copies of a matrix are at work for a token: of experts those that are chosen."""
        return self.experts_per_token if matrix.copies > 1 else 1

    def chosen(self, targets: Sequence[str] | None) -> tuple[Matrix, ...]:
        """Return the matrices with these names, or all of them for None.

        Raises InvalidInput for a name that the model does not have, with those that it has.
        """
        if targets is None:
            return self.matrices
        names = [matrix.name for matrix in self.matrices]
        missing = [target for target in targets if target not in names]
        if missing or not targets:
            asked = ", ".join(missing) or "none"
            raise InvalidInput(f"the model has no matrices named {asked}: choose among {', '.join(names)}")
        return tuple(matrix for matrix in self.matrices if matrix.name in targets)

    def adapter_parameters(self, rank: int, *, targets: Sequence[str] | None = None, magnitudes: bool = False) -> int:
        """Return the parameters of LoRA's adapters to the matrices of these names, or to all of them.

        `magnitudes` adds DoRA's length per output.
        """
        each = (
            matrix.copies * (rank * (matrix.inputs + matrix.outputs) + (matrix.outputs if magnitudes else 0))
            for matrix in self.chosen(targets)
        )
        return self.layers * sum(each)


def architecture_of(model: str) -> Architecture:
    """Return the shape of a model of the catalogue, by its name or registry id; raise UnknownModel for another one."""
    return _load()[find_model(model).name]


@cache
def _load() -> Mapping[str, Architecture]:
    content: dict[str, Any] = json.loads(Path(__file__).with_name("architectures.json").read_text(encoding="utf-8"))
    found: dict[str, Architecture] = {}
    for entry in content["architectures"]:
        shape = Architecture(**{key: value for key, value in entry.items() if key != "models"})
        found |= dict.fromkeys(entry["models"], shape)
    return found
