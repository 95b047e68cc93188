"""The page on the scenario table, from the data that `maas plan --table` shows."""

from __future__ import annotations

from maas_client.planning.scenario_markdown import markdown
from maas_client.planning.scenarios import scenario_table

AFTER = (
    "`maas plan --table` prints this page in a terminal, `--version 2024`, `seed` or `current` one version of it, and "
    "`--output json` all of it as data; in Python it is `maas_client.planning.scenario_table()`."
)


def page() -> str:
    """Return the page."""
    return f"{markdown(scenario_table())}\n{AFTER}\n"
