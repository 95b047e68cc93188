"""The shapes of the services' answers, one module for each kind of document."""
