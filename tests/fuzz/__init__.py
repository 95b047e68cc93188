"""Fuzz tests: parsers of files that other programs wrote."""
