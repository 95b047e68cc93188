"""A job for each combination of hyperparameters."""
