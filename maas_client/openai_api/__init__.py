"""The OpenAI-compatible protocol: building requests and parsing responses. No I/O."""
