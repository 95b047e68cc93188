"""Azure Blob Storage: block lists, conditions, copies, access."""
