"""The OpenAI-compatible protocol: requests to send, answers to read. No I/O."""
