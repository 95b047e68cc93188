"""Planning a fine-tuning: what it takes, computed from a model's shape before anything is rented."""

from ..gpu_estimates.memory import MemoryEstimate, Sharing, estimate_memory
from ..gpu_estimates.training_states import Method, Weights

__all__ = ["MemoryEstimate", "Method", "Sharing", "Weights", "estimate_memory"]
