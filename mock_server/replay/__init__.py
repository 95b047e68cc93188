"""Cassettes: recorded exchanges, read from a file and played back to a client."""
