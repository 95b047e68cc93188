"""Uploads of large files: in blocks, several at a time, resumable by any process."""
