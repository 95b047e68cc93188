"""Pipeline components of a registry: their documents, the check of their inputs, and the job that runs one."""
