"""Jobs, deployments and references as the state keeps them."""
