"""Chat with an endpoint, and evaluation of endpoints by a validation set."""
