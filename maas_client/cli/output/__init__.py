"""Data on stdout: tables, plain lines, JSON, curves."""
