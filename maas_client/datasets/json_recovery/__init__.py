"""Reading JSON values in any layout: one per line, several per line, multi-line, or array elements."""
