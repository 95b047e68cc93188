"""Parsers of what somebody else wrote, under bytes without end."""
