"""Requests made safe: trusted hosts, retries within a budget, polling, typed errors."""
