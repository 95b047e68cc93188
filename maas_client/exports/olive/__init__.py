"""Exports for Olive, which trains adapters and makes ONNX models, and for the VS Code toolkit that calls it."""
