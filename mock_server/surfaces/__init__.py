"""Azure's services, one module per service or resource type."""
