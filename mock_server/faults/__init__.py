"""Fault rules, and which of them are active."""
