"""What every command shares: groups, global options, session, exit codes, logging."""
