"""Webhook endpoints: URLs that the service calls when a job ends."""
