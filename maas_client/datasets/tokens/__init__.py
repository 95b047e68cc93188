"""Tokens: rendering rows with a model's chat template, and counting their tokens."""
