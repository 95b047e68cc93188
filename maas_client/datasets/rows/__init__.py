"""Rows: schemas, messages, special tokens, and excerpts for messages."""
