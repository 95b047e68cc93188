"""Pages and pictures that are generated from the code, so they cannot disagree with it."""
