"""Planning a fine-tuning: what it takes, computed from a model's shape before anything is rented."""

from .memory import MemoryEstimate, Sharing, estimate_memory
from .training_states import Method, Weights

__all__ = ["MemoryEstimate", "Method", "Sharing", "Weights", "estimate_memory"]
