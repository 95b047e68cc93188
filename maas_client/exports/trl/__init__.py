"""Exports for TRL with PEFT, started by accelerate."""
