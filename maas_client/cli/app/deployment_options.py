"""The options of a deployment's size, for every command that creates one; they are Foundry's."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypedDict

import click

from .options import F


class DeploymentSize(TypedDict):
    """The arguments of `endpoints.create` that the options set."""

    sku: str | None
    capacity: int | None
    model_format: str | None
    allow_unlisted: bool


def deployment_options(command: F) -> F:
    """Add the options to a command, which gets them as `size`."""

    @wraps(command)
    def with_size(*arguments: Any, **options: Any) -> Any:
        size = {name: options.pop(name) for name in DeploymentSize.__annotations__}
        return command(*arguments, size=size, **options)

    options: list[Callable[[Any], Any]] = [
        click.option(
            "--sku",
            metavar="SKU",
            help="Foundry: GlobalStandard (default), Standard, DataZoneStandard or DeveloperTier (free, 24 hours).",
        ),
        click.option(
            "--capacity",
            type=click.IntRange(min=1),
            metavar="N",
            help="Foundry: thousands of tokens a minute; 100 for open models by default.",
        ),
        click.option(
            "--model-format",
            metavar="FORMAT",
            help="Foundry: the model's format in the account, such as 'Mistral AI'; found out by default.",
        ),
        click.option(
            "--allow-unlisted", is_flag=True, help="Foundry: let the service decide what the catalogue does not list."
        ),
    ]
    decorated: Any = with_size
    for option in reversed(options):
        decorated = option(decorated)
    with_options: F = decorated
    return with_options
