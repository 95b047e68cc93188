"""The journal of requests, and the verdict on the client that sent them."""
