"""The options that name a job and its data, the same for `jobs create`, `run` and `sweep`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any

import click

from ..app.options import F

if TYPE_CHECKING:
    from ...job_files.job_file import JobFile


def job_options(name_help: str) -> Callable[[F], F]:
    """Return a decorator that adds the options; `name_help` says what the command derives from the name."""
    options: list[Callable[[F], F]] = [
        click.option("--model", metavar="NAME", help="Base model name or azureml:// id."),
        click.option(
            "--training-data",
            metavar="FILE|ASSET",
            help="JSONL file, NAME[:VERSION], NAME@latest or id.",
        ),
        click.option("--validation-data", metavar="FILE|ASSET", help="Validation data; 20 % of the rows by default."),
        click.option("--name", metavar="NAME", help=name_help),
        click.option("--allow-retired", is_flag=True, help="Allow a model whose fine-tuning is retired."),
        click.option("--force", is_flag=True, help="Create a job on your own compute even if it does not fit there."),
        click.option(
            "--method",
            type=click.Choice(["supervised", "dpo", "reinforcement"]),
            help="Method of fine-tuning, for Foundry; supervised by default.",
        ),
        click.option(
            "--training-tier",
            type=click.Choice(["GlobalStandard", "Standard", "Developer", "DataZone"], case_sensitive=False),
            metavar="TIER",
            help="Training tier, for Foundry: GlobalStandard (by default, where offered), Standard or Developer.",
        ),
        click.option(
            "--allow-unlisted", is_flag=True, help="Let Foundry decide about what the catalogue does not list."
        ),
    ]

    def decorate(command: F) -> F:
        return reduce(lambda decorated, option: option(decorated), reversed(options), command)

    return decorate


def with_options(job: JobFile, given: dict[str, Any]) -> JobFile:
    """Return a job with the values of the options that were given; others keep what the file says."""
    chosen = {name: value for name, value in given.items() if value is not None and value is not False and value != ()}
    return replace(job, **chosen)
