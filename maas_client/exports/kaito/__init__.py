"""Exports for KAITO, the operator that fine-tunes on Kubernetes."""
