"""Shared by all commands: groups, global options, session, exit codes, logging."""
