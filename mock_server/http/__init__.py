"""A request, its route and its exchange."""
