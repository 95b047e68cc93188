"""Completion in PowerShell, which click does not have."""

from __future__ import annotations

import os
from typing import ClassVar

from click.shell_completion import CompletionItem, ShellComplete, add_completion_class, split_arg_string

SCRIPT = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $env:%(complete_var)s = 'powershell_complete'
    $env:_MAAS_COMPLETE_LINE = $commandAst.ToString()
    $env:_MAAS_COMPLETE_WORD = $wordToComplete
    try {
        %(prog_name)s | Where-Object { $_ } | ForEach-Object {
            $value, $text = $_ -split "`t", 2
            if (-not $text) { $text = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $text)
        }
    } finally {
        Remove-Item Env:%(complete_var)s, Env:_MAAS_COMPLETE_LINE, Env:_MAAS_COMPLETE_WORD
    }
}
"""


class PowerShellComplete(ShellComplete):
    """Completion in PowerShell 5.1 and later; where nothing is completed, the shell completes file names."""

    name: ClassVar[str] = "powershell"
    source_template: ClassVar[str] = SCRIPT

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one to complete, and that word."""
        words = split_arg_string(os.environ["_MAAS_COMPLETE_LINE"])[1:]
        incomplete = os.environ["_MAAS_COMPLETE_WORD"]
        return words[:-1] if incomplete and words[-1:] == [incomplete] else words, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """Return a line with the value and its help; an empty one for file names."""
        if item.type != "plain":
            return ""
        return f"{item.value}\t{' '.join(item.help.split())}" if item.help else str(item.value)

    def complete(self) -> str:
        """Return the lines of all completions."""
        return "\n".join(line for line in super().complete().splitlines() if line)


def register() -> None:
    """Make the shell known to click."""
    add_completion_class(PowerShellComplete)
