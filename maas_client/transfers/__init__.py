"""Uploads to and downloads from blob containers: resumable, concurrent, verified."""
