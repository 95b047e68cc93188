"""Azure AI Foundry: the account in Resource Manager, its project, and its OpenAI-compatible data plane."""
