"""The server's page: the data it shows, and its static files."""
