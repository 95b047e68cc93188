"""Views that are redrawn while a command waits."""
