"""What training a model takes of GPUs, computed from its shape."""
