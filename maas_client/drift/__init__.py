"""What differs in shape between two recordings, or between a recording and a server that is asked the same again."""
