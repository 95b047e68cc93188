"""What the contract says of one place of a body, by its JSON pointer."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract.pointers import ANY
from ..contract.shapes import Anything, ArrayOf, Either, MapOf, Member, Number, Record, Shape


@dataclass(frozen=True, slots=True)
class ContractPlace:
    """What the contract says of a place; without a shape, nothing."""

    shape: Shape | None = None
    is_needed: bool = False

    @property
    def is_free(self) -> bool:
        """Whether the place may have values of several types."""
        return isinstance(self.shape, Anything | Either)

    @property
    def is_integer(self) -> bool:
        """Whether the place has integers only."""
        return isinstance(self.shape, Number) and self.shape.is_integer


UNKNOWN = ContractPlace()


def shape_at(shape: Shape | None, pointer: str) -> ContractPlace:
    """Return what a shape says of a place; a field of any variant counts."""
    place = ContractPlace(shape)
    for segment in pointer.split("/")[1:]:
        place = _below(place.shape, segment.replace("~1", "/").replace("~0", "~"))
    return place


def _below(shape: Shape | None, segment: str) -> ContractPlace:
    match shape:
        case ArrayOf() | MapOf():
            return ContractPlace(shape.item)
        case Either():
            found = (_below(one, segment) for one in shape.shapes)
            return next((one for one in found if one.shape is not None), UNKNOWN)
        case Record() if segment != ANY:
            members = [shape.members, *shape.variants.values()]
            return next((_of(each[segment]) for each in members if segment in each), UNKNOWN)
        case _:
            return UNKNOWN


def _of(member: Member) -> ContractPlace:
    return ContractPlace(member.shape, member.is_needed)
