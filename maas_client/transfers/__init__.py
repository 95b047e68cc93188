"""Files to and from blob containers: resumable, several requests at once, verified."""
