"""The server's state: documents, blobs, clocks, settings."""
