"""Rows for Azure AI Foundry: their schemas, messages, tool calls and images, and every problem of a row."""
