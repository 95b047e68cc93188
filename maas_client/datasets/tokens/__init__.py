"""Tokens: how a model's template puts a row, and how many tokens that is."""
