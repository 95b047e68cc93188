"""A job's life as a pure function of its plan and the time."""
