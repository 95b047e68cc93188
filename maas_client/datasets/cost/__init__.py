"""Estimating training on a dataset: tokens, steps, time and cost."""
