"""Repairing a dataset: writing a new file with everything repairable fixed."""
