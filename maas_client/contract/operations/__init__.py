"""The table of operations, one module for each service."""
