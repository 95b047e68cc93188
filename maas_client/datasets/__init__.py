"""Datasets: checking, converting, repairing, splitting and uploading training files."""
