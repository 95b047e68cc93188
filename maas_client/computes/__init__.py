"""The user's own compute: sizes, quota and clusters, and whether a job fits them."""
