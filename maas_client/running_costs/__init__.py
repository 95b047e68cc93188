"""What runs now and costs money by the hour: clusters, online deployments, endpoints, deployments of Foundry."""
