"""What optimizers keep for each trained parameter, by their names in transformers' `TrainingArguments.optim`."""

from __future__ import annotations

from typing import NamedTuple

from .training_way import FULL, Optimizer

BLOCK = 256
"""Numbers of 8 bits that share a scale of 32 bits (Dettmers et al., 8-bit optimizers, arXiv 2110.02861)."""

EIGHT_BITS = 1 + 4 / BLOCK
"""Bytes of a number in 8 bits, with its part of the scale."""


SEARCH_8_BITS = 116
"""Bytes that an H200 moves in the time that AdamW in 8 bits takes for a parameter besides its reading and writing."""


class OptimizerCost(NamedTuple):
    """What an optimizer takes of a GPU: `moments` and, at its step, `temporary`, in numbers of the trained parameters.

    `bits8` says that the moments are kept in 8 bits, `paged` that they lie in memory that the driver moves to the
    machine when the GPU's is short. `moved` is how many numbers it reads and writes, and `moved_bytes` how many bytes
    besides, whatever a number takes. `copies` are numbers in 32 bits for each of the largest tensor that is trained,
    which the step takes one tensor after the other.
    """

    moments: float
    temporary: float = 0
    copies: int = 0
    bits8: bool = False
    paged: bool = False
    moved: int = 7
    moved_bytes: int = 0

    def bytes_of(self, number: int) -> float:
        """Return the bytes of GPU memory that it keeps for a parameter of this many bytes a number."""
        if self.paged:
            return 0
        return self.moments * (EIGHT_BITS if self.bits8 else number)

    def work(self, number: int, trained: int, largest: int, *, in_32_bits: bool) -> float:
        """Return the bytes that its step takes for a moment, of `trained` parameters and the `largest` tensor of them.

        Where parameters are in 32 bits, two of the copies are not made: the parameter's and the gradient's.
        """
        copies = self.copies - 2 * in_32_bits if self.copies else 0
        return self.temporary * number * trained + copies * FULL * largest


OPTIMIZERS: dict[Optimizer, OptimizerCost] = {
    "adamw_torch_fused": OptimizerCost(2),
    "adamw_torch": OptimizerCost(2, temporary=1, moved=15),  # one operation for many tensors: torch.optim's foreach
    "adamw_bnb_8bit": OptimizerCost(2, bits8=True, moved_bytes=SEARCH_8_BITS),
    "paged_adamw_32bit": OptimizerCost(2, paged=True),
    "paged_adamw_8bit": OptimizerCost(2, bits8=True, paged=True, moved_bytes=SEARCH_8_BITS),
    # a number for each row and column (arXiv 1804.04235); its step in transformers 5.17.0 takes about twenty operations
    # in 32 bits, one after the other, whose reading and writing `moved_bytes` adds up
    "adafactor": OptimizerCost(0.01, copies=4, moved=3, moved_bytes=84),
    "sgd": OptimizerCost(0, moved=3),
}
"""By name; the first is what transformers 5.17.0 and TRL 1.16 choose."""
