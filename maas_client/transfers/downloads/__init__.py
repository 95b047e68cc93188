"""Downloads in concurrent ranges, resumable by any process; content is verified before the file gets its name."""
