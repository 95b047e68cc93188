"""Data sets: what the service would do with every row, and how they get there."""
