"""The check of a dataset: rules, findings, the report."""
