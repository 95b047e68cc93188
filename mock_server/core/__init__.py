"""JSON values, errors, names and signatures shared by all parts of the server."""
