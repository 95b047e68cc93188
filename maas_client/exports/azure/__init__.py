"""Exports for the command lines of Azure: az ml and azd."""
