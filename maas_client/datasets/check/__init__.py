"""Checking a dataset: rules, findings, the report."""
