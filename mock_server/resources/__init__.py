"""Jobs, deployments and references as stored in the state."""
