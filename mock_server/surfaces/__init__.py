"""Azure's services, one module for what one of them answers."""
