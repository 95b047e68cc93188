"""A row: its schema, its messages, special tokens, and how a part of it is quoted."""
