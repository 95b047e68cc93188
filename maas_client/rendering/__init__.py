"""Rendering of values as HTML, SVG, PNG and text, independent of the client."""
