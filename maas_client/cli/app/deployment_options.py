"""The options of a deployment's size, for every command that creates one; they are Foundry's."""

from __future__ import annotations

from functools import reduce, wraps
from typing import Any, TypedDict, cast

import click

from .options import F


class DeploymentSize(TypedDict):
    """The arguments of `endpoints.create` that the options set."""

    sku: str | None
    capacity: int | None
    model_format: str | None
    allow_unlisted: bool


_OPTIONS = (
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
)
_UNLISTED = click.option(
    "--allow-unlisted", is_flag=True, help="Foundry: let the service decide what the catalogue does not list."
)


def size_options(command: F) -> F:
    """Add `--sku`, `--capacity` and `--model-format` to a command."""
    return reduce(lambda decorated, option: option(decorated), reversed(_OPTIONS), command)


def deployment_options(command: F) -> F:
    """Add these options and `--allow-unlisted` to a command, which gets all of them as `size`."""

    @wraps(command)
    def with_size(*arguments: Any, **options: Any) -> Any:
        size = {name: options.pop(name) for name in DeploymentSize.__annotations__}
        return command(*arguments, size=size, **options)

    return cast("F", size_options(_UNLISTED(with_size)))  # `wraps` keeps what the decorators of options look at
