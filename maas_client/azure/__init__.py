"""Azure's control plane: clouds, settings, credentials, Resource Manager, the workspace, blob containers."""
