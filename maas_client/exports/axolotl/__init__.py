"""Exports for axolotl."""
