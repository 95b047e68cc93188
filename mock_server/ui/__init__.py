"""The server's page: what it shows of the world, and the files that a browser draws it with."""
