"""JSON values out of any framing: one a line, several on a line, spread over lines, elements of an array."""
