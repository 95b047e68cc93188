"""`maas completion`: shell completion scripts."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ..app.options import Command
from ..app.powershell import register
from ..app.session import Session, pass_session


@click.command(
    cls=Command,
    help="""Print a script that lets the shell complete commands, options, models, jobs, endpoints and files.

    Names of jobs and endpoints come from a file that is refreshed in the background: completion never waits.

    \b
    Example:
      maas completion bash >> ~/.bashrc
      maas completion zsh >> ~/.zshrc
      maas completion fish > ~/.config/fish/completions/maas.fish
      maas completion powershell >> $PROFILE
    """,
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
@pass_session
def completion(session: Session, shell: str) -> None:
    """Print a completion script."""
    register()
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(click.get_current_context().find_root().command, {}, "maas", "_MAAS_COMPLETE").source()
    if session.printer.is_json:
        session.printer.document({"shell": shell, "script": script})
    else:
        click.echo(script)
