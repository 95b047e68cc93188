"""Job files (YAML, JSON, az ml), read into values with line numbers; the entry point is `job_file.py`."""
