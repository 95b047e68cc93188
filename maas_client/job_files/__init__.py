"""Job files (YAML, JSON, az ml): from their bytes to values that know their lines; `job_file.py` is the entry."""
