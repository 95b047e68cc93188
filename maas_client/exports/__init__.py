"""Exports: one job file as what other training platforms run."""
