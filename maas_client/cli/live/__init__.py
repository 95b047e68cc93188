"""Live views that are redrawn while a command waits."""
