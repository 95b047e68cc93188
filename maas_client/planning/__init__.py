"""Planning a fine-tuning: what it takes, computed from a model's shape before anything is rented."""

from ..catalog.architecture import Architecture, architecture_of
from ..catalog.gpus import Gpu, find_gpu, gpu_of_size, gpus
from ..catalog.model_config import architecture_from
from ..gpu_estimates.memory import MemoryEstimate, estimate_memory
from ..gpu_estimates.step_time import StepTime, estimate_step_time, hours_of
from ..gpu_estimates.training_way import Loss, Method, Optimizer, Sharing, TrainingWay, Weights
from .scenarios import ScenarioTable, scenario_table

__all__ = [
    "Architecture",
    "Gpu",
    "Loss",
    "MemoryEstimate",
    "Method",
    "Optimizer",
    "ScenarioTable",
    "Sharing",
    "StepTime",
    "TrainingWay",
    "Weights",
    "architecture_from",
    "architecture_of",
    "estimate_memory",
    "estimate_step_time",
    "find_gpu",
    "gpu_of_size",
    "gpus",
    "hours_of",
    "scenario_table",
]
