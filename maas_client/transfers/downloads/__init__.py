"""Downloads: in ranges, several at a time, resumable by any process; what comes is checked before it has a name."""
