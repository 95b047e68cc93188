"""The base models as dated facts, and what a registry's document says about one. No I/O."""
