"""The Azure AI Foundry surface: files, fine-tuning jobs and deployments over its OpenAI-compatible API."""
