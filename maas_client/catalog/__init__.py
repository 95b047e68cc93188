"""The base models as dated facts, and reading of a registry's model documents. No I/O."""
