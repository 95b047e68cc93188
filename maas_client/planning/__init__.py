"""Planning a fine-tuning: what it takes, computed from a model's shape before anything is rented."""

from ..catalog.architecture import Architecture
from ..catalog.gpus import Gpu, find_gpu, gpu_of_size, gpus
from ..gpu_estimates.memory import MemoryEstimate, Sharing, estimate_memory
from ..gpu_estimates.step_time import StepTime, estimate_step_time, hours_of
from ..gpu_estimates.training_states import Method, Weights
from .scenarios import ScenarioTable, scenario_table

__all__ = [
    "Architecture",
    "Gpu",
    "MemoryEstimate",
    "Method",
    "ScenarioTable",
    "Sharing",
    "StepTime",
    "Weights",
    "estimate_memory",
    "estimate_step_time",
    "find_gpu",
    "gpu_of_size",
    "gpus",
    "hours_of",
    "scenario_table",
]
