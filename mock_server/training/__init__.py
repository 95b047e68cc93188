"""Training jobs, simulated as a pure function of plan and time."""
