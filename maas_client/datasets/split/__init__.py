"""Splitting a data set into parts for training, validation and testing."""
