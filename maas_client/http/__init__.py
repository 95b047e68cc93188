"""Safe requests: trusted hosts, retries within a budget, polling, typed errors."""
