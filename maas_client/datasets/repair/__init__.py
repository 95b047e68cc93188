"""The repair of a data set: everything repairable repaired, in a new file."""
