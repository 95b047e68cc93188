"""Why Foundry refuses a row: the error that its readers raise."""


class RowError(ValueError):
    """Why the service refuses a row."""
