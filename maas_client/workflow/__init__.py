"""The whole job in one call: check, upload, train, deploy, chat."""
