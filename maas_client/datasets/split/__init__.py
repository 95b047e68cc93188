"""Splitting a dataset into parts for training, validation and testing."""
