"""`maas plan --check FILE`: which modules of a model the target modules of a configuration match."""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from ..app.exit_codes import Failed
from ..app.options import EXISTING_FILE, F
from ..app.session import Session

if TYPE_CHECKING:
    from ...exports.target_modules import TargetModules
    from ..output.printer import Printer

USUAL_RANK = 16
"""Of an adapter whose configuration does not say it."""


def check_option(command: F) -> F:
    """Add `--check FILE` to a command with `--model`, which runs only without it."""

    @wraps(command)
    def with_check(*arguments: Any, **options: Any) -> Any:
        file: Path | None = options.pop("check")
        if file is None:
            return command(*arguments, **options)
        printer = click.get_current_context().ensure_object(Session).printer
        return check_file(printer, file, options["model"])

    option = click.option(
        "--check",
        type=EXISTING_FILE,
        metavar="FILE",
        help="Check the target modules in a configuration of peft, TRL, axolotl, Olive or KAITO against the model.",
    )
    return cast("F", option(with_check))  # click's options return what they decorate


def check_file(printer: Printer, file: Path, model: str | None) -> None:
    """Print what the target modules of a configuration reach; raise Failed if one of them is not in the model."""
    from ...exports.adapter_file import read_adapter_file, required_model
    from ...exports.target_modules import check_targets

    adapter = read_adapter_file(file)
    checked = check_targets(required_model(adapter, model), adapter.names, rank=adapter.rank or USUAL_RANK)
    if printer.is_json:
        printer.document({**checked.to_dict(), "share": checked.share, "where": adapter.where})
    else:
        _print(printer, checked)
    if checked.is_wrong:
        raise Failed(f"{adapter.where}: {_reason(checked)}", hint=f"target_modules: {', '.join(checked.modules)}")


def _print(printer: Printer, checked: TargetModules) -> None:
    reached = [(name, "trained", f"{count:,}") for name, count in checked.found.items()]
    missing = [(name, "not in the model", "-") for name in checked.missing]
    untouched = [(name, "not named", "-") for name in checked.untouched]
    printer.line(f"{checked.model}, adapters of rank {checked.rank}")
    printer.table(["module", "state", "parameters"], [*reached, *missing, *untouched])
    printer.line(
        f"{checked.parameters:,} of the {checked.all_parameters:,} parameters that adapters to every module have "
        f"({checked.share:.0%})"
    )


def _reason(checked: TargetModules) -> str:
    if not checked.missing:
        return f"it names no target modules, and peft knows none for {checked.model}"
    names = ", ".join(checked.missing)
    if checked.found:
        return f"{checked.model} has no {names}: peft skips what it does not find, without a warning"
    return f"{checked.model} has no {names}: peft refuses an adapter that trains nothing"
