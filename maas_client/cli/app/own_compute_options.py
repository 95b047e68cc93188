"""The options of an online endpoint on the user's own compute, for every command that creates one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce, wraps
from typing import Any, TypedDict, cast

import click

from .options import F


class OwnCompute(TypedDict):
    """The arguments of `endpoints.create` that the options set."""

    instance_type: str | None
    instance_count: int | None
    deployment: str | None
    auth_mode: str | None
    replace_failed: bool
    force: bool


AUTH_MODES = ("key", "aml-token", "aad-token")

_OPTIONS = (
    click.option(
        "--instance-type",
        metavar="SIZE",
        help="Own compute: serve on machines of this size, such as Standard_NC24ads_A100_v4, paid for by the hour.",
    ),
    click.option(
        "--instance-count",
        type=click.IntRange(min=1),
        metavar="N",
        help="Own compute: number of machines (default: 1).",
    ),
    click.option("--deployment", metavar="NAME", help="Own compute: name of the deployment (default: main)."),
    click.option(
        "--auth-mode", type=click.Choice(AUTH_MODES), help="Own compute: what callers authorize with (default: key)."
    ),
    click.option("--replace-failed", is_flag=True, help="Own compute: create a deployment that failed again."),
    click.option("--force", is_flag=True, help="Own compute: try it although size or quota do not seem to fit."),
)
_NEEDING_A_SIZE = ("instance_count", "deployment", "auth_mode", "replace_failed", "force")


def own_compute_options(command: F) -> F:
    """Add the options to a command, which gets all of them as `own`; refuse those that need `--instance-type`."""

    @wraps(command)
    def with_own(*arguments: Any, **options: Any) -> Any:
        own = {name: options.pop(name) for name in OwnCompute.__annotations__}
        if own["instance_type"] is None and (given := [name for name in _NEEDING_A_SIZE if own[name]]):
            option = f"--{given[0].replace('_', '-')}"
            raise click.UsageError(f"{option} requires --instance-type", click.get_current_context())
        if own["auth_mode"]:
            own["auth_mode"] = own["auth_mode"].replace("-", "_")
        return command(*arguments, own=own, **options)

    return cast(
        "F", reduce(lambda decorated, option: option(decorated), reversed(_OPTIONS), with_own)
    )  # as `wraps` does


def own_compute_words(own: Mapping[str, Any]) -> list[str]:
    """Return the options as words of a command line, for one that resumes."""
    words: list[str] = []
    for name in OwnCompute.__annotations__:
        value = own[name]
        if value is True:
            words.append(f"--{name.replace('_', '-')}")
        elif value:
            words += [
                f"--{name.replace('_', '-')}",
                str(value).replace("_", "-") if name == "auth_mode" else str(value),
            ]
    return words
