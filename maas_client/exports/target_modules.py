"""Which modules of a model the target modules of an adapter name, and how much of it is trained.

peft silently skips names that it does not find: with the names that other models have (`q_proj`, `gate_proj`),
an adapter of Phi-3 or Phi-4 trains a third of what it should (peft 0.21.2 `tuners/tuners_utils.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..catalog.architecture import Architecture, Matrix, architecture_of
from ..catalog.lookup import find_model
from ..core.plain_values import PlainValue
from .hub_models import hub_model

ALL = "all-linear"
"""What names every linear module of the layers."""

_ATTENTION = frozenset({"qkv_proj", "q_proj", "k_proj", "v_proj", "o_proj", "query_key_value", "dense"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetModules(PlainValue):
    """The target modules of an adapter beside the modules of a model.

    `found` maps each name that the model has to the parameters that are trained there at `rank`; `missing` are names
    that it does not have, `untouched` modules of its layers that no name reaches. `all_parameters` are those of an
    adapter to every module of the layers.
    """

    model: str
    rank: int
    found: Mapping[str, int]
    missing: tuple[str, ...]
    untouched: tuple[str, ...]
    modules: tuple[str, ...]
    all_parameters: int

    @property
    def parameters(self) -> int:
        """The parameters that are trained."""
        return sum(self.found.values())

    @property
    def share(self) -> float:
        """What is trained of what an adapter to every module of the layers trains."""
        return self.parameters / self.all_parameters

    @property
    def is_wrong(self) -> bool:
        """Whether a name is not in the model, or nothing is trained."""
        return bool(self.missing) or not self.found


def check_targets(model: str, names: Sequence[str], *, rank: int = 16) -> TargetModules:
    """Return which modules of a model these names reach, and how many parameters an adapter trains there.

    Args:
        model: a model of the catalogue, by name or registry id.
        names: target modules as peft takes them: ends of module paths, or `all-linear`.
        rank: of the adapter.

    Raises:
        UnknownModel: the catalogue does not have the model.
    """
    facts = find_model(model)
    shape = architecture_of(model)
    modules = dict(zip(hub_model(facts.name, target="peft").targets, shape.matrices, strict=False))
    counts = {name: shape.layers * _adapter(matrix, rank) for name, matrix in modules.items()}
    asked = tuple(dict.fromkeys(each for name in names for each in (modules if name == ALL else [name])))
    reached = {name: [path for path in _paths(modules) if _ends(path, name)] for name in asked}
    outside = {name: _outside(shape, name, rank) for name in asked}
    found = {
        name: sum(counts[path.rpartition(".")[2]] for path in paths) or outside[name] for name, paths in reached.items()
    }
    touched = {path.rpartition(".")[2] for paths in reached.values() for path in paths}
    return TargetModules(
        model=facts.name,
        rank=rank,
        found={name: count for name, count in found.items() if count},
        missing=tuple(name for name, count in found.items() if not count),
        untouched=tuple(name for name in modules if name not in touched),
        modules=tuple(modules),
        all_parameters=sum(counts.values()),
    )


def _adapter(matrix: Matrix, rank: int) -> int:
    return rank * (matrix.inputs + matrix.outputs)


def _outside(shape: Architecture, name: str, rank: int) -> int:
    """Return the parameters of an adapter to a table outside the layers, 0 for any other name."""
    return rank * (shape.hidden + shape.vocabulary) if name in {"lm_head", "embed_tokens"} else 0


def _paths(modules: Mapping[str, Matrix]) -> list[str]:
    return [f"layers.0.{'self_attn' if name in _ATTENTION else 'mlp'}.{name}" for name in modules]


def _ends(path: str, name: str) -> bool:
    return f".{path}".endswith(f".{name}")
