"""JSON values, errors, names and signatures that every part of the server uses."""
